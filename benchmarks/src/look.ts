import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { waitFor } from '@lifeguard/test-kit'

import { addressOf, type Bench, type Benchmark } from './benchmark.ts'
import { Contestant } from './contestant.ts'
import type { HurtConfig, HurtState } from './contestants/hurt-app.ts'
import { startLoad } from './load-apps.ts'
import { median } from './stats.ts'
import { printTable, printTarget, whole } from './table.ts'

const COMMAND = join(
  dirname(fileURLToPath(import.meta.resolve('@lifeguard/monitor/package.json'))),
  'dist/main.js',
)
/** By route, what is said of them. */
const FAULTS = {
  leak: 'GET /leak holds a connection',
  'stuck-transaction': 'GET /stuck-transaction has a transaction open',
  'slow-query': 'GET /slow-query runs a statement',
}
const CLIENTS = 20
const LIMIT_MS = 2000

export const look: Benchmark = {
  title: 'look: lifeguard monitor, from its start to all three faults named',

  async run({ server, quick }: Bench) {
    const folder = mkdtempSync(join(tmpdir(), 'lg-'))
    // Also of the app, which inherits it.
    process.env['LIFEGUARD_RUNTIME_DIR'] = folder
    const config: HurtConfig = { address: addressOf(server), size: 8 }
    const app = await Contestant.start<undefined, HurtState>('hurt-app', config)
    const leaver = new AbortController()
    try {
      const { port } = await app.run(undefined)
      for (const fault of Object.keys(FAULTS)) {
        fetch(`http://127.0.0.1:${port}/${fault}`, { signal: leaver.signal }).catch(() => {})
      }
      await waitFor(namesAll, { label: 'all three are named' })
      const times = quick ? 3 : 15
      const idle = await timesToName(times)
      const load = startLoad(port, { connections: CLIENTS })
      const loaded = await timesToName(times)
      await load.stop()
      printTable(
        ['the app is', 'median ms', 'slowest ms'],
        [
          ['idle', ...summary(idle)],
          [`under the load of ${CLIENTS} clients`, ...summary(loaded)],
        ],
      )
      const slowest = Math.max(...idle, ...loaded)
      printTarget(`within ${LIMIT_MS} ms`, slowest <= LIMIT_MS, `${whole(slowest)} ms`)
    } finally {
      leaver.abort()
      await app.stop()
      delete process.env['LIFEGUARD_RUNTIME_DIR']
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function summary(times: readonly number[]): [string, string] {
  return [whole(median(times)), whole(Math.max(...times))]
}

async function timesToName(times: number): Promise<number[]> {
  const taken: number[] = []
  for (let i = 0; i < times; i++) {
    const began = performance.now()
    if (!(await namesAll())) throw new Error('A fault was not named; nothing was measured')
    taken.push(performance.now() - began)
  }
  return taken
}

async function namesAll(): Promise<boolean> {
  const seen = await runCommand()
  return Object.values(FAULTS).every((words) => seen.includes(words))
}

/** What it prints; whether that is good or bad is its exit code's affair. */
function runCommand(): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, 'monitor'], (_error, stdout) => resolve(stdout))
  })
}
