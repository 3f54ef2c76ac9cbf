import { setTimeout as sleep } from 'node:timers/promises'

import type { DatabaseAddress } from '@lifeguard/test-kit'
import { createConnection } from 'mysql2/promise'

import { type Bench, type Benchmark, DATABASE } from './benchmark.ts'
import type { Look, Service } from './contestants/seen-app.ts'
import { loadShop } from './demo/schema.ts'
import type { AppLoad } from './load-apps.ts'
import { pidOf, pin } from './pin.ts'
import { SeenApp } from './seen-app.ts'
import { mean, median, standardError } from './stats.ts'
import { printTable, printTarget, ratio, tenths, whole } from './table.ts'

const SERVICES: Readonly<Record<Service, string>> = {
  shop: 'the shop of the demo',
  select: 'one SELECT per request',
}

const LOOKS: Readonly<Record<Look, string>> = {
  nobody: 'nobody looks (as a check)',
  metrics: 'Prometheus, OpenTelemetry and reports',
  heard: 'a listener for every event, a tracer of every acquire',
  all: 'all of it',
  recorded: 'OpenTelemetry alone, each duration recorded',
  leaks: 'leaks are looked for, with a stack of each acquire',
}

type Match = readonly [Service, Look]

/** As they are printed. */
const ROWS: readonly Match[] = [
  ['shop', 'all'],
  ['select', 'all'],
  ['select', 'heard'],
  ['select', 'metrics'],
  ['select', 'recorded'],
  ['select', 'leaks'],
  ['select', 'nobody'],
]

/**
 * Each pair is two processes, one of them seen and one not, for all their life: whoever begins or ceases to trace makes
 * V8 throw away the code that it compiled with the tracing channels as constants, which costs more than the tracing
 * does, and no service does that again and again. A process is fast or slow by luck by more than what is looked for, so
 * there are many pairs, most of them of what the target is about; all of them take about an hour.
 */
const MATCHES: readonly Match[] = [
  ['shop', 'all'],
  ['shop', 'all'],
  ['select', 'all'],
  ['select', 'nobody'],
  ['shop', 'all'],
  ['shop', 'all'],
  ['select', 'metrics'],
  ['select', 'all'],
  ['select', 'heard'],
  ['select', 'recorded'],
  ['select', 'leaks'],
]
const TIMES = 10
const SHOPS = ['bench_shop_1', 'bench_shop_2']
/** Of each alone, as a service begins. */
const WARM_UP_MS = 5500
/** Asked in it: what is asked each second is soon optimised, too. */
const QUESTIONS_BEFORE = 60
/**
 * So short that two apps in turns see the same of the machine's moods, which last for a quarter of a second; four of them
 * give both nearly the same share of what drifts.
 */
const TURN_MS = 50
const SEEN = [true, false, false, true]
/** A second of each. */
const ROUNDS = 8
const FOURS_OF_ROUND = 10

interface Pair<Value> {
  readonly seen: Value
  readonly unseen: Value
}

interface Compared extends Pair<AppLoad> {
  readonly service: Service
  readonly look: Look
}

export const seen: Benchmark = {
  title: 'seen: pairs of processes of which one is looked at',

  async run(bench: Bench) {
    const pairs = await playApart(bench)
    printTable(
      ['who looks', 'pairs', 'req/s', 'ratio', '±', 'CPU µs/req', 'ratio', '±'],
      ROWS.map((match) => {
        const own = pairsOf(match, pairs)
        const [service, look] = match
        return [
          `${SERVICES[service]}: ${LOOKS[look]}`,
          String(own.length),
          whole(median(own.map((pair) => pair.seen.perSecond))),
          ...printRatio(ratios(own, 'perSecond')),
          tenths(median(own.map((pair) => pair.seen.cpuMicros))),
          ...printRatio(ratios(own, 'cpuMicros')),
        ]
      }),
    )
    for (const service of ['shop', 'select'] as const) {
      const values = ratios(pairsOf([service, 'all'], pairs), 'perSecond')
      printTarget(
        `${SERVICES[service]}, with all of it ≥ 0.98 × unseen`,
        mean(values) >= 0.98,
        printRatio(values).join(' ± '),
      )
    }
  },
}

function pairsOf([service, look]: Match, pairs: readonly Compared[]): readonly Compared[] {
  return pairs.filter((pair) => pair.service === service && pair.look === look)
}

/** One for each app of a pair: orders of one that stands still would lock the rows of the other. Anew for each pair, which begins with as many. */
async function loadShops(server: DatabaseAddress): Promise<void> {
  const connection = await createConnection({ uri: server.uri() })
  try {
    for (const shop of SHOPS) await loadShop(connection, shop)
  } finally {
    await connection.end()
  }
}

function ratios(pairs: readonly Compared[], figure: keyof AppLoad): number[] {
  return pairs.map(({ seen, unseen }) => seen[figure] / unseen[figure])
}

/** The mean and its standard error, for a median would not see what is asked for in one turn of twenty. */
function printRatio(values: readonly number[]): [string, string] {
  return [ratio(mean(values)), values.length > 1 ? ratio(standardError(values)) : '']
}

/**
 * The clients have a processor of their own. Where three programs fight for two, the kernel's choice of who runs where
 * makes more of a difference than what is looked for.
 */
async function playApart(bench: Bench): Promise<Compared[]> {
  const database = await pidOf(bench.server)
  await pin(database, 0)
  await pin(process.pid, 1)
  try {
    const pairs: Compared[] = []
    for (let time = 0; time < (bench.quick ? 1 : TIMES); time++) {
      for (const [i, match] of MATCHES.entries()) {
        pairs.push(await playPair(bench, match, (time + i) % 2 === 0))
      }
    }
    return pairs
  } finally {
    await pin(database, undefined)
    await pin(process.pid, undefined)
  }
}

/** `first`: whether the one that is seen begins. */
async function playPair(
  { server, quick }: Bench,
  [service, look]: Match,
  first: boolean,
): Promise<Compared> {
  if (service === 'shop') await loadShops(server)
  const apps: SeenApp[] = []
  try {
    for (const [i, isSeen] of [first, !first].entries()) {
      const uri = server.uri(service === 'shop' ? SHOPS[i] : DATABASE)
      const app = await SeenApp.start({ uri, service, look: isSeen ? look : 'nobody' })
      apps.push(app)
      await warmUp(app, quick ? 60 : WARM_UP_MS)
      app.freeze()
    }
    const [seen, unseen] = first ? apps : apps.toReversed()
    for (let i = 0; i < (quick ? 1 : ROUNDS); i++) await playRound({ seen: seen!, unseen: unseen! })
    for (const app of apps) await app.finish()
    return { service, look, seen: seen!.load, unseen: unseen!.load }
  } finally {
    for (const app of apps) await app.stop()
  }
}

async function warmUp(app: SeenApp, ms: number): Promise<void> {
  for (let i = 0; i < QUESTIONS_BEFORE; i++) {
    await app.ask()
    await sleep(ms / QUESTIONS_BEFORE)
  }
}

async function playRound(pair: Pair<SeenApp>): Promise<void> {
  for (let four = 0; four < FOURS_OF_ROUND; four++) {
    for (const [i, isSeen] of SEEN.entries()) {
      // Each of them, in its first turn.
      const isAsked = four === 0 && i < 2
      await (isSeen ? pair.seen : pair.unseen).play(TURN_MS, isAsked)
    }
  }
}
