import { setTimeout as sleep } from 'node:timers/promises'

import { get } from '@lifeguard/test-kit'

import { addressOf, type Bench, type Benchmark } from './benchmark.ts'
import { Contestant } from './contestant.ts'
import type { Look, SeenConfig, SeenState } from './contestants/seen-app.ts'
import { type AppLoad, startLoad } from './load-apps.ts'
import { median, notch } from './stats.ts'
import { printTable, printTarget, ratio, tenths, whole } from './table.ts'

const LOOKS: Readonly<Record<Look, string>> = {
  nobody: 'nobody looks',
  'nobody again': 'nobody looks, again (as a check)',
  metrics: 'Prometheus, OpenTelemetry and reports',
  channels: 'the same, and a listener for every event',
  all: 'the same, and a tracer of every acquire',
  recorded: 'OpenTelemetry alone, each duration recorded',
}

/** Asked once in each window, apart from OpenTelemetry, which collects by itself. */
const VIEWS = ['/metrics', '/report']
const SCRAPED: ReadonlySet<Look> = new Set(['metrics', 'channels', 'all'])

/**
 * As a whole, a process is fast or slow by luck, and so is a minute, by more than what is looked for. So one and the
 * same process is looked at in short windows, each between two in which nobody looks, under a load that never stops.
 */
const PROCESSES = 6
const ROUNDS = 6
const ROUND: readonly Look[] = ['all', 'metrics', 'nobody again', 'channels', 'all', 'recorded']
/** Code that was optimised for the window before is thrown away first: who looks for good pays for that once. */
const SETTLE_MS = 500
const WINDOW_MS = 1000

type App = Contestant<Look | undefined, SeenState>

interface Window extends AppLoad {
  readonly look: Look
}

/** What one window was of those around it. */
interface Comparison {
  readonly look: Look
  readonly perSecond: number
  readonly cpu: number
}

export const seen: Benchmark = {
  title: 'seen: one SELECT per request, one process looked at in turns or not',

  async run(bench: Bench) {
    const processes: Window[][] = []
    for (let i = 0; i < (bench.quick ? 1 : PROCESSES); i++) processes.push(await playOne(bench))
    const windows = processes.flat()
    const comparisons = processes.flatMap(compare)
    const looks = Object.keys(LOOKS) as Look[]
    printTable(
      ['who looks', 'req/s', 'ratio', '±', 'CPU µs/req', 'ratio', '±'],
      looks.map((look) => {
        const own = windows.filter((window) => window.look === look)
        const compared = comparisons.filter((comparison) => comparison.look === look)
        return [
          LOOKS[look],
          whole(median(own.map(({ perSecond }) => perSecond))),
          ...printRatio(compared.map(({ perSecond }) => perSecond)),
          tenths(median(own.map(({ cpuMicros }) => cpuMicros))),
          ...printRatio(compared.map(({ cpu }) => cpu)),
        ]
      }),
    )
    const all = comparisons.filter(({ look }) => look === 'all').map(({ perSecond }) => perSecond)
    const [seenRatio, uncertainty] = printRatio(all)
    const reached = median(all) >= 0.98
    printTarget('all of it ≥ 0.98 × unseen', reached, `${seenRatio} ± ${uncertainty}`)
  },
}

function printRatio(values: readonly number[]): [string, string] {
  return values.length === 0 ? ['1', ''] : [ratio(median(values)), ratio(notch(values))]
}

async function playOne({ server, quick }: Bench): Promise<Window[]> {
  const config: SeenConfig = { address: addressOf(server), size: 10 }
  const app: App = await Contestant.start('seen-app', config)
  const { port } = await app.run('nobody')
  const load = startLoad(port)
  try {
    // The first round does not count.
    await playRound(app)
    const windows: Window[] = [await play(app, 'nobody')]
    for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
      windows.push(...(await playRound(app)))
    }
    return windows
  } finally {
    await load.stop()
    await app.stop()
  }
}

async function playRound(app: App): Promise<Window[]> {
  const windows: Window[] = []
  for (const look of ROUND) windows.push(await play(app, look), await play(app, 'nobody'))
  return windows
}

async function play(app: App, look: Look): Promise<Window> {
  const { port } = await app.run(look)
  await sleep(SETTLE_MS)
  const before = await app.run(undefined)
  if (SCRAPED.has(look)) {
    for (const view of VIEWS) void get(`http://127.0.0.1:${port}${view}`)
  }
  await sleep(WINDOW_MS)
  const after = await app.run(undefined)
  const requests = after.requests - before.requests
  return {
    look,
    perSecond: (requests * 1000) / (after.atMs - before.atMs),
    cpuMicros: (after.cpuMicros - before.cpuMicros) / requests,
  }
}

function compare(windows: readonly Window[]): Comparison[] {
  return windows.slice(1, -1).flatMap(({ look, perSecond, cpuMicros }, i) => {
    const [before, after] = [windows[i]!, windows[i + 2]!]
    if (look === 'nobody') return []
    return {
      look,
      perSecond: (2 * perSecond) / (before.perSecond + after.perSecond),
      cpu: (2 * cpuMicros) / (before.cpuMicros + after.cpuMicros),
    }
  })
}
