import { get } from '@lifeguard/test-kit'

import { addressOf, type Bench, type Benchmark } from './benchmark.ts'
import { Contestant } from './contestant.ts'
import type { AppState } from './contestants/fastify-app.ts'
import type { Look, SeenConfig } from './contestants/seen-app.ts'
import { type AppLoad, loadApp } from './load-apps.ts'
import { median, pairedRatio } from './stats.ts'
import { printTable, printTarget, ratio, tenths, whole } from './table.ts'

const LOOKS: Readonly<Record<Look, string>> = {
  nobody: 'nobody looks',
  'nobody again': 'nobody looks, again (how exact this is)',
  all: 'Prometheus, OpenTelemetry, reports, channels',
  recorded: 'OpenTelemetry alone, each duration recorded',
}

/** Asked each second while all look. */
const VIEWS = ['/metrics', '/report']

/** As a whole, a process is fast or slow by luck, by more than what is looked for: so one and the same has all looks. */
const PROCESSES = 6
const ROUNDS = 6
const SECONDS_BEFORE = 1
const SECONDS = 2

type App = Contestant<Look | undefined, AppState>

export const seen: Benchmark = {
  title: 'seen: one SELECT per request, one process looked at in turns or not',

  async run(bench: Bench) {
    const looks = Object.keys(LOOKS) as Look[]
    const loads = await loadInTurns(bench, looks)
    const perSecond = (look: Look): number[] => loads[look].map((load) => load.perSecond)
    const cpu = (look: Look): number[] => loads[look].map((load) => load.cpuMicros)
    printTable(
      ['who looks', 'req/s', 'ratio', 'CPU µs/req', 'ratio'],
      looks.map((look) => [
        LOOKS[look],
        whole(median(perSecond(look))),
        ratio(pairedRatio(perSecond(look), perSecond('nobody'))),
        tenths(median(cpu(look))),
        ratio(pairedRatio(cpu(look), cpu('nobody'))),
      ]),
    )
    const all = pairedRatio(perSecond('all'), perSecond('nobody'))
    printTarget('all of it ≥ 0.98 × unseen', all >= 0.98, ratio(all))
  },
}

async function loadInTurns(
  { server, quick }: Bench,
  looks: readonly Look[],
): Promise<Record<Look, AppLoad[]>> {
  const loads: Record<Look, AppLoad[]> = { nobody: [], 'nobody again': [], all: [], recorded: [] }
  const config: SeenConfig = { address: addressOf(server), size: 10 }
  for (let i = 0; i < (quick ? 1 : PROCESSES); i++) {
    const app: App = await Contestant.start('seen-app', config)
    try {
      // Nobody's first round counts.
      for (const look of looks) await play(app, look)
      for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
        for (let turn = 0; turn < looks.length; turn++) {
          const look = looks[(round + turn) % looks.length]!
          loads[look].push(await play(app, look))
        }
      }
    } finally {
      await app.stop()
    }
  }
  return loads
}

async function play(app: App, look: Look): Promise<AppLoad> {
  const state = (): Promise<AppState> => app.run(undefined)
  const { port } = await app.run(look)
  const asking = look === 'all' ? setInterval(ask, 1000, port) : undefined
  try {
    // Code that was optimised for the last look is thrown away first: who looks for good pays for that once.
    await loadApp(SECONDS_BEFORE, state, state)
    return await loadApp(SECONDS, state, state)
  } finally {
    clearInterval(asking)
  }
}

function ask(port: number): void {
  for (const view of VIEWS) void get(`http://127.0.0.1:${port}${view}`)
}
