import { waitFor } from '@lifeguard/test-kit'
import t from 'tap'

import type { ViewJson } from '#monitor/print/view-json.js'

import { lifeguard, runtimeFolder } from '../support/command.ts'
import { startService } from '../support/start-service.ts'

void t.test(
  'a leak, a stuck transaction and a slow query, without any configuration',
  async (t) => {
    const folder = runtimeFolder(t)
    const service = await startService(t, folder)
    service.tell('leak', 'stuck', 'slow')
    const env = { LIFEGUARD_RUNTIME_DIR: folder }
    let seen: ViewJson | undefined
    await waitFor(async () => {
      const { out } = await lifeguard(['monitor', '--json'], env)
      seen = JSON.parse(out || '{}') as ViewJson
      return seen.findings?.length === 3
    })
    t.match(seen, {
      version: 1,
      health: 'warning',
      processes: [{ process: { pid: service.process.pid } }],
    })
    const named = seen!.findings.map(({ code, owner }) => `${code}: ${owner}`)
    t.strictSame(named.sort(), [
      'idle-in-transaction: POST /stuck',
      'leak-suspected: GET /leak',
      'long-query: emails send',
    ])

    const { out, err, code } = await lifeguard(['monitor'], env)
    t.equal(err, '')
    t.equal(code, 0, 'nobody is hurt yet')
    t.match(out, /^lifeguard on .* 1 process, 1 pool · ▲ 3 warnings\n/)
    t.match(out, /^shop +\d+ service\.js +██████░░░░ 3\/5/m)
    t.match(out, /^ *[\d.]+ m?s +GET \/leak +unused/m)
    t.match(
      out,
      /^ *[\d.]+ m?s +POST \/stuck +in transaction [\d.]+ s .* UPDATE item SET name = \? WHERE id = \?$/m,
    )
    t.match(out, /^ *[\d.]+ m?s +emails send +runs [\d.]+ s .* SELECT SLEEP\(\?\), \? FROM item$/m)
    t.match(out, /GET \/leak holds a connection for [\d.]+ s, unused for/)
    t.match(out, /POST \/stuck has a transaction open for [\d.]+ s/)
    t.match(out, /emails send runs a statement for [\d.]+ s/)
    t.equal(out.match(/^ {2}→ /gm)?.length, 3, 'each with advice')
  },
)

void t.test('a full pool is critical, and told to scripts', async (t) => {
  const folder = runtimeFolder(t)
  const service = await startService(t, folder)
  service.tell('leak', 'leak', 'leak', 'leak', 'leak', 'wait')
  const env = { LIFEGUARD_RUNTIME_DIR: folder }
  await waitFor(async () => (await lifeguard(['monitor'], env)).code === 3)
  const { out } = await lifeguard(['monitor'], env)
  t.match(out, /✖ shop \(\d+\): all 5 connections are taken and 1 wait, GET \/waits for/)
  t.match(out, /5 of 5 are held by GET \/leak/)
  t.match(out, / 1 +[\d.]+ m?s +GET \/waits +shop$/m)
  t.equal((await lifeguard(['monitor', '--fail-on', 'never'], env)).code, 0)
})

void t.test('warnings are told to scripts that ask for them', async (t) => {
  const folder = runtimeFolder(t)
  const service = await startService(t, folder)
  const env = { LIFEGUARD_RUNTIME_DIR: folder }
  t.equal((await lifeguard(['monitor', '--fail-on', 'warning'], env)).code, 0)
  service.tell('slow')
  await waitFor(
    async () =>
      (await lifeguard(['monitor', '--fail-on', 'warning', '--slow', '0.1'], env)).code === 3,
  )
})
