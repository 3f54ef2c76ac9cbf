import { waitFor } from '@lifeguard/test-kit'
import t from 'tap'

import { lifeguard, runtimeFolder } from '../support/command.ts'
import { startService } from '../support/start-service.ts'

void t.test('who blocks whom, by their routes', async (t) => {
  const folder = runtimeFolder(t)
  const service = await startService(t, folder)
  service.tell('stuck')
  const env = { LIFEGUARD_RUNTIME_DIR: folder, DATABASE_URL: service.uri }
  await waitFor(async () => (await lifeguard(['monitor'], env)).out.includes('POST /stuck'))
  service.tell('blocked')
  let text = ''
  await waitFor(async () => {
    text = (await lifeguard(['monitor', '--db'], env)).out
    return text.includes('has a lock')
  })
  t.match(text, /✖ shop \(\d+\): POST \/stuck has a lock for which 1 wait \(PUT \/blocked\)/)
  t.match(text, /^SERVER \S+:\d+ {2}\d+\.\d+/m)
  t.match(text, /\d+ of max_connections \d+; at most \d+ so far/)
  t.match(text, /^ *\d+ {2}holders above$/m)
})

void t.test('a statement that runs at the server, with its owner', async (t) => {
  const folder = runtimeFolder(t)
  const service = await startService(t, folder)
  service.tell('slow')
  const env = { LIFEGUARD_RUNTIME_DIR: folder }
  await waitFor(async () => {
    const { out } = await lifeguard(['monitor', '--db', service.uri, '--slow', '0.5'], env)
    return /^ *[\d.]+ s +\d+ +emails send +SELECT SLEEP\(\?\), \? FROM item$/m.test(out)
  })
})

void t.test('a server that cannot be reached is told of, beside what is seen', async (t) => {
  const folder = runtimeFolder(t)
  await startService(t, folder)
  const env = { LIFEGUARD_RUNTIME_DIR: folder }
  const { out, code } = await lifeguard(['monitor', '--db', 'mysql://u:canary@127.0.0.1:1/x'], env)
  t.match(out, /✖ 127\.0\.0\.1:1: cannot be reached \(ECONNREFUSED\)/)
  t.match(out, /^shop /m)
  t.notMatch(out, 'canary')
  t.equal(code, 3)
})

void t.test('no server is named', async (t) => {
  const { err, code } = await lifeguard(['monitor', '--db'], { DB_HOST: '' })
  t.match(err, 'Set DATABASE_URL or DB_HOST')
  t.equal(code, 2)
})
