import { setTimeout as sleep } from 'node:timers/promises'

import { get } from '@lifeguard/test-kit'

import { addressOf, type Bench, type Benchmark } from './benchmark.ts'
import { Contestant } from './contestant.ts'
import type { Look, SeenConfig, SeenState } from './contestants/seen-app.ts'
import { type AppLoad, startLoad } from './load-apps.ts'
import { pidOf, pin } from './pin.ts'
import { mean, median, standardError } from './stats.ts'
import { printTable, printTarget, ratio, tenths, whole } from './table.ts'

const LOOKS: Readonly<Record<Look, string>> = {
  nobody: 'nobody looks',
  'nobody again': 'nobody looks, again (as a check)',
  metrics: 'Prometheus, OpenTelemetry and reports',
  channels: 'the same, and a listener for every event',
  all: 'the same, and a tracer of every acquire',
  recorded: 'OpenTelemetry alone, each duration recorded',
}

/** Asked for once in each second of those who ask. */
const VIEWS = ['/metrics', '/collect', '/report']
const SCRAPED: ReadonlySet<Look> = new Set(['metrics', 'channels', 'all'])

/**
 * As a whole, a process is fast or slow by luck, and so is a minute, by more than what is looked for. So one and the
 * same process is looked at in windows that are short, each beside one in which nobody looks, under a load that never
 * stops. It is looked at in one way only: its code would be optimised for the others, too. The comparison that the
 * target is about is made most often.
 */
const PROCESSES: readonly Look[] = [
  'all',
  'metrics',
  'all',
  'channels',
  'all',
  'recorded',
  'all',
  'nobody again',
  'all',
]
const COMPARISONS = 16
/** One comparison: a second of each. The order gives both nearly the same share of what drifts. */
const WINDOW_MS = 200
const SEEN = [true, false, false, true, true, false, false, true, true, false]
/**
 * For what was begun before to end, and for code to be optimised again: that of a tracer, with whose channels as
 * constants it was compiled, is thrown away when they get their first subscriber or lose their last. With 50 ms that
 * was most of what was measured, and some of it is still.
 */
const SETTLE_MS = 400
/** What is asked for each second is soon optimised, too. */
const VIEWS_BEFORE = 60
const COMPARISONS_BEFORE = 4

type App = Contestant<Look | undefined, SeenState>

interface Comparison {
  readonly look: Look
  readonly seen: AppLoad
  readonly unseen: AppLoad
}

export const seen: Benchmark = {
  title: 'seen: one SELECT per request, one process looked at in turns or not',

  async run(bench: Bench) {
    const comparisons = await playApart(bench)
    const unseen = comparisons.map((comparison) => comparison.unseen)
    printTable(
      ['who looks', 'req/s', 'ratio', '±', 'CPU µs/req', 'ratio', '±'],
      NAMES.map((look) => {
        if (look === 'nobody') return row(look, unseen, [], [])
        const own = comparisons.filter((comparison) => comparison.look === look)
        const loads = own.map((comparison) => comparison.seen)
        return row(look, loads, ratios(own, 'perSecond'), ratios(own, 'cpuMicros'))
      }),
    )
    const all = comparisons.filter(({ look }) => look === 'all')
    const values = ratios(all, 'perSecond')
    printTarget('all of it ≥ 0.98 × unseen', mean(values) >= 0.98, printRatio(values).join(' ± '))
  },
}

const NAMES = Object.keys(LOOKS) as Look[]

function row(look: Look, loads: readonly AppLoad[], perSecond: number[], cpu: number[]): string[] {
  return [
    LOOKS[look],
    whole(median(loads.map((load) => load.perSecond))),
    ...printRatio(perSecond),
    tenths(median(loads.map((load) => load.cpuMicros))),
    ...printRatio(cpu),
  ]
}

function ratios(comparisons: readonly Comparison[], figure: keyof AppLoad): number[] {
  return comparisons.map((comparison) => comparison.seen[figure] / comparison.unseen[figure])
}

/** The mean and its standard error, for a median would not see what is asked for in one window of five. */
function printRatio(values: readonly number[]): [string, string] {
  if (values.length === 0) return ['1', '']
  return [ratio(mean(values)), values.length > 1 ? ratio(standardError(values)) : '']
}

/**
 * The clients have a processor of their own. Where three programs fight for two, the kernel's choice of who runs where
 * makes more of a difference than what is looked for.
 */
async function playApart(bench: Bench): Promise<Comparison[]> {
  const database = await pidOf(bench.server)
  await pin(database, 0)
  await pin(process.pid, 1)
  try {
    const comparisons: Comparison[] = []
    for (const look of bench.quick ? NAMES.slice(1) : PROCESSES) {
      comparisons.push(...(await playOne(bench, look)))
    }
    return comparisons
  } finally {
    await pin(database, undefined)
    await pin(process.pid, undefined)
  }
}

async function playOne({ server, quick }: Bench, look: Look): Promise<Comparison[]> {
  const config: SeenConfig = { address: addressOf(server), size: 10 }
  const app: App = await Contestant.start('seen-app', config)
  await pin(app.pid, 0)
  const { port } = await app.run('nobody')
  const load = startLoad(port)
  try {
    for (let i = 0; i < (quick ? 1 : VIEWS_BEFORE); i++) await view(port)
    // The first ones do not count.
    for (let i = 0; i < (quick ? 1 : COMPARISONS_BEFORE); i++) await compare(app, port, look)
    const comparisons: Comparison[] = []
    for (let i = 0; i < (quick ? 1 : COMPARISONS); i++) {
      comparisons.push(await compare(app, port, look))
    }
    return comparisons
  } finally {
    await load.stop()
    await app.stop()
  }
}

async function compare(app: App, port: number, look: Look): Promise<Comparison> {
  const totals = { seen: new Total(), unseen: new Total() }
  const asked = SCRAPED.has(look) ? SEEN.lastIndexOf(true) : -1
  for (const [i, isSeen] of SEEN.entries()) {
    await app.run(isSeen ? look : 'nobody')
    await sleep(SETTLE_MS)
    const before = await app.run(undefined)
    const answer = i === asked ? view(port) : undefined
    await sleep(WINDOW_MS)
    const after = await app.run(undefined)
    await answer
    totals[isSeen ? 'seen' : 'unseen'].add(before, after)
  }
  return { look, seen: totals.seen.load, unseen: totals.unseen.load }
}

async function view(port: number): Promise<void> {
  await Promise.all(VIEWS.map((path) => get(`http://127.0.0.1:${port}${path}`)))
}

/** Of several windows. */
class Total {
  #ms = 0
  #requests = 0
  #cpuMicros = 0

  add(before: SeenState, after: SeenState): void {
    this.#ms += after.atMs - before.atMs
    this.#requests += after.requests - before.requests
    this.#cpuMicros += after.cpuMicros - before.cpuMicros
  }

  get load(): AppLoad {
    return {
      perSecond: (this.#requests * 1000) / this.#ms,
      cpuMicros: this.#cpuMicros / this.#requests,
    }
  }
}
