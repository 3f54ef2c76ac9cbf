import { setTimeout as sleep } from 'node:timers/promises'

import { get } from '@lifeguard/test-kit'

import { addressOf, type Bench, type Benchmark } from './benchmark.ts'
import { Contestant } from './contestant.ts'
import type { Look, SeenConfig, SeenState } from './contestants/seen-app.ts'
import { type AppLoad, startLoad } from './load-apps.ts'
import { pidOf, pin } from './pin.ts'
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

/** Asked for once in each turn. */
const VIEWS = ['/metrics', '/collect', '/report']
const SCRAPED: ReadonlySet<Look> = new Set(['metrics', 'channels', 'all'])

/**
 * A process is looked at from its beginning or not at all, as in production: nobody changes a channel's listeners again
 * and again there. As a whole a process is fast or slow by luck, so there are many, one of each kind side by side,
 * loaded in turns.
 */
const GENERATIONS = 16
const ROUNDS = 4
const TURN_MS = 1000
const WARM_UP_MS = 3000
/** Until every client has connected. */
const SETTLE_MS = 300

type App = Contestant<undefined, SeenState>
type Generation = Readonly<Record<Look, AppLoad>>

export const seen: Benchmark = {
  title: 'seen: one SELECT per request, processes that are looked at or not',

  async run(bench: Bench) {
    const generations = await playApart(bench)
    printTable(
      ['who looks', 'req/s', 'ratio', '±', 'CPU µs/req', 'ratio', '±'],
      NAMES.map((look) => {
        const loads = generations.map((generation) => generation[look])
        return [
          LOOKS[look],
          whole(median(loads.map(({ perSecond }) => perSecond))),
          ...printRatio(ratios(generations, look, 'perSecond')),
          tenths(median(loads.map(({ cpuMicros }) => cpuMicros))),
          ...printRatio(ratios(generations, look, 'cpuMicros')),
        ]
      }),
    )
    const all = ratios(generations, 'all', 'perSecond')
    printTarget('all of it ≥ 0.98 × unseen', median(all) >= 0.98, printRatio(all).join(' ± '))
  },
}

const NAMES = Object.keys(LOOKS) as Look[]

function ratios(generations: readonly Generation[], look: Look, figure: keyof AppLoad): number[] {
  return generations.map((generation) => generation[look][figure] / generation.nobody[figure])
}

function printRatio(values: readonly number[]): [string, string] {
  return [ratio(median(values)), ratio(notch(values))]
}

/**
 * The clients have a processor of their own. Where three programs fight for two, the kernel's choice of who runs where
 * makes more of a difference than what is looked for.
 */
async function playApart(bench: Bench): Promise<Generation[]> {
  const database = await pidOf(bench.server)
  await pin(database, 0)
  await pin(process.pid, 1)
  try {
    const generations: Generation[] = []
    for (let i = 0; i < (bench.quick ? 2 : GENERATIONS); i++) generations.push(await play(bench, i))
    return generations
  } finally {
    await pin(database, undefined)
    await pin(process.pid, undefined)
  }
}

async function play({ server, quick }: Bench, generation: number): Promise<Generation> {
  // Another one begins each time, so that the order favours none.
  const first = generation % NAMES.length
  const names = [...NAMES.slice(first), ...NAMES.slice(0, first)]
  const apps = new Map<Look, App>()
  const totals = new Map<Look, Total>()
  try {
    for (const look of names) {
      const config: SeenConfig = { address: addressOf(server), size: 10, look }
      const app: App = await Contestant.start('seen-app', config)
      apps.set(look, app)
      await pin(app.pid, 0)
      totals.set(look, new Total())
      await playTurn(app, look, quick ? TURN_MS : WARM_UP_MS)
    }
    for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
      const turns = round % 2 === 0 ? [...apps] : [...apps].toReversed()
      for (const [look, app] of turns) {
        totals.get(look)!.add(...(await playTurn(app, look, TURN_MS)))
      }
    }
    const loads = [...totals].map(([look, total]) => [look, total.load] as const)
    return Object.fromEntries(loads) as Generation
  } finally {
    for (const app of apps.values()) await app.stop()
  }
}

async function playTurn(app: App, look: Look, ms: number): Promise<[SeenState, SeenState]> {
  const { port } = await app.run(undefined)
  const load = startLoad(port)
  try {
    await sleep(SETTLE_MS)
    const before = await app.run(undefined)
    const views = SCRAPED.has(look)
      ? VIEWS.map((view) => get(`http://127.0.0.1:${port}${view}`))
      : []
    await sleep(ms)
    const after = await app.run(undefined)
    await Promise.all(views)
    return [before, after]
  } finally {
    await load.stop()
  }
}

/** Of several turns. */
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
