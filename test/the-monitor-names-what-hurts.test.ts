import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'

import { buildApp } from '@lifeguard/example-observed-app'
import { createDatabase, get, sharedDatabase, waitFor } from '@lifeguard/test-kit'
import t from 'tap'

const manifest = createRequire(import.meta.url).resolve('@lifeguard/monitor/package.json')
const command = join(dirname(manifest), 'dist/main.js')

const UNHEALTHY = 3

/** Stands for somebody at the box who has never heard of any option. */
async function monitor(): Promise<string> {
  const child = spawn(process.execPath, [command, 'monitor'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [out, [code]] = await Promise.all([
    text(child.stdout),
    once(child, 'close') as Promise<[number | null]>,
  ])
  // Beside the three, the app may be too busy at that moment, which is critical.
  if (code !== 0 && code !== UNHEALTHY) throw new Error(`exit code ${code}: ${out}`)
  return out
}

void t.test('a leak, a stuck transaction and a slow query under load', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lg-'))
  process.env['LIFEGUARD_RUNTIME_DIR'] = folder
  const database = await createDatabase(await sharedDatabase())
  const app = await buildApp({ databaseUrl: database.uri, max: 8 })
  const url = await app.listen({ port: 0 })
  const leaver = new AbortController()
  let loaded = true
  const client = async (): Promise<void> => {
    while (loaded) await get(`${url}/products/1`)
  }
  const clients = Array.from({ length: 20 }, client)
  t.teardown(async () => {
    leaver.abort()
    loaded = false
    await Promise.all(clients)
    await app.close()
    await database.drop()
    rmSync(folder, { recursive: true, force: true })
  })
  for (const fault of ['leak', 'stuck-transaction', 'slow-query']) {
    fetch(`${url}/faults/${fault}`, { signal: leaver.signal }).catch(() => {})
  }
  let seen = ''
  await waitFor(async () => {
    seen = await monitor()
    return /GET \/faults\/leak holds a connection/.test(seen)
  })
  t.match(seen, /GET \/faults\/leak holds a connection for [\d.]+ s, unused for [\d.]+ s\n {2}→ \S/)
  t.match(seen, /GET \/faults\/stuck-transaction has a transaction open for [\d.]+ s .*\n {2}→ \S/)
  t.match(
    seen,
    /GET \/faults\/slow-query runs a statement for [\d.]+ s: SELECT name, SLEEP\(\?\) .*\n {2}→ \S/,
  )
})
