import { existsSync } from 'node:fs'

import {
  adminQuery,
  canStartServers,
  createDatabase,
  startDatabase,
  waitFor,
} from '@lifeguard/test-kit'
import { createConnection } from 'mysql2/promise'
import t from 'tap'

import type { ViewJson } from '#monitor/print/view-json.js'

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
  t.match(text, /^ +2 {2}shop, lent$/m)
  t.match(text, /^ +1 {2}this command$/m)
})

void t.test('somebody else blocks ours', async (t) => {
  const folder = runtimeFolder(t)
  const service = await startService(t, folder)
  const somebody = await createConnection(service.uri)
  t.teardown(() => somebody.end())
  await somebody.query('START TRANSACTION')
  await somebody.query("UPDATE item SET name = 'canary' WHERE id = 1")
  service.tell('blocked')
  const env = { LIFEGUARD_RUNTIME_DIR: folder }
  let text = ''
  await waitFor(async () => {
    text = (await lifeguard(['monitor', '--db', service.uri], env)).out
    return text.includes('has a lock')
  })
  const { threadId } = somebody
  const words = `✖ thread ${threadId} of \\S+ \\(idle for [^)]+\\) has a lock for which 1 wait \\(PUT /blocked\\)`
  t.match(text, new RegExp(words))
  t.match(text, `KILL ${threadId} frees the lock now`)
})

// The server's lists are everybody's.
const skip = canStartServers() ? false : 'no database server can be started here'

void t.test('a change of a table that waits, and makes others wait', { skip }, async (t) => {
  const server = await startDatabase()
  const database = await createDatabase(server)
  const folder = runtimeFolder(t)
  const service = await startService(t, folder, 'shop', database.uri)
  t.teardown(() => server.stop())
  const env = { LIFEGUARD_RUNTIME_DIR: folder }
  service.tell('stuck')
  await waitFor(async () => (await lifeguard(['monitor'], env)).out.includes('POST /stuck'))
  service.tell('alter')
  let text = ''
  await waitFor(async () => {
    text = (await lifeguard(['monitor', '--db', service.uri], env)).out
    return text.includes('lock on a table')
  })
  t.match(
    text,
    /✖ 1 wait for a lock on a table \(deploy\), the longest for [\d.]+ s: ALTER TABLE item ADD COLUMN/,
  )
})

void t.test('how long somebody waits, whatever time zone the server has', { skip }, async (t) => {
  const server = await startDatabase({ args: ['--default-time-zone=+05:00'] })
  const database = await createDatabase(server)
  const folder = runtimeFolder(t)
  const service = await startService(t, folder, 'shop', database.uri)
  t.teardown(() => server.stop())
  const env = { LIFEGUARD_RUNTIME_DIR: folder, DATABASE_URL: service.uri }
  service.tell('stuck')
  await waitFor(async () => (await lifeguard(['monitor'], env)).out.includes('POST /stuck'))
  service.tell('blocked')
  let ageMs = 0
  await waitFor(async () => {
    const { out } = await lifeguard(['monitor', '--json', '--db'], env)
    const { findings } = JSON.parse(out) as ViewJson
    ageMs = findings.find(({ code }) => code === 'lock-wait')?.ageMs ?? 0
    return ageMs > 0
  })
  t.ok(ageMs < 60_000, `${ageMs} ms`)
})

void t.test('through the same socket as the pools', { skip }, async (t) => {
  const server = await startDatabase()
  const database = await createDatabase(server)
  const [row] = await adminQuery(server, 'SELECT @@socket AS path')
  const { path } = row as { path: string }
  t.teardown(() => server.stop())
  if (!existsSync(path)) return t.plan(0, 'the server has a file system of its own')
  const uri = `${database.uri}?socketPath=${encodeURIComponent(path)}`
  const folder = runtimeFolder(t)
  const service = await startService(t, folder, 'shop', uri)
  service.tell('stuck')
  const env = { LIFEGUARD_RUNTIME_DIR: folder, DATABASE_URL: uri }
  let text = ''
  await waitFor(async () => {
    text = (await lifeguard(['monitor', '--db'], env)).out
    return text.includes('POST /stuck')
  })
  t.match(text, `SERVER ${path} `)
  t.match(text, /^ +1 {2}shop, lent$/m)
  t.notMatch(text, 'another server')
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
