import { addressOf, type Bench, type Benchmark } from './benchmark.ts'
import type { Contestant } from './contestant.ts'
import type { DropInConfig, DropInRound, DropInVariant } from './contestants/drop-in.ts'
import { inTurns } from './rounds.ts'
import { median, pairedRatio } from './stats.ts'
import { printTable, printTarget, ratio, tenths } from './table.ts'

const STYLES = [
  'query, promise',
  'query, callback',
  'execute, promise',
  'getConnection, promise',
  'getConnection, callback',
] as const

export type DropInStyle = (typeof STYLES)[number]

const VARIANTS: readonly DropInVariant[] = ['lifeguard', 'mysql2']
const CONCURRENCIES = [1, 20]
const SIZE = 10
const GAMES = STYLES.flatMap((style) =>
  CONCURRENCIES.map((concurrency) => ({ style, concurrency })),
)

/** The same code over @lifeguard/mysql2 and over mysql2. */
export const dropIn: Benchmark = {
  title: `drop-in: one statement over ${SIZE} connections, ours and mysql2's (µs)`,

  async run({ server, quick }: Bench) {
    const queries = quick ? 1000 : 5000
    const results = await inTurns({
      variants: VARIANTS,
      module: 'drop-in',
      config: (variant): DropInConfig => ({ variant, address: addressOf(server), size: SIZE }),
      rounds: quick ? 3 : 9,
      play: async (contestant: Contestant<DropInRound, number>) => {
        const times: number[] = []
        for (const game of GAMES) times.push(await contestant.run({ ...game, queries }))
        return times
      },
    })
    const times = (variant: DropInVariant, at: number): number[] =>
      results[variant].map((round) => round[at]!)
    const ratios = GAMES.map((_, at) => pairedRatio(times('lifeguard', at), times('mysql2', at)))
    printTable(
      ['', 'at once', ...VARIANTS, 'ours to mysql2'],
      GAMES.map(({ style, concurrency }, at) => [
        style,
        String(concurrency),
        ...VARIANTS.map((variant) => tenths(median(times(variant, at)))),
        ratio(ratios[at]!),
      ]),
    )
    printTarget(
      "at most 5 % slower than mysql2's",
      ratios.every((value) => value <= 1.05),
      ratios.map(ratio).join(', '),
    )
  },
}
