import { addressOf, type Bench, type Benchmark } from './benchmark.ts'
import type { Contestant } from './contestant.ts'
import type { QueryConfig, QueryRound, QueryVariant } from './contestants/query.ts'
import { inTurns } from './rounds.ts'
import { median, pairedRatio } from './stats.ts'
import { printTable, printTarget, ratio, tenths } from './table.ts'

const VARIANTS: readonly QueryVariant[] = ['lifeguard', 'mysql2/promise']
const CONCURRENCIES = [1, 20]
const SIZE = 10

export const query: Benchmark = {
  title: `query: pool.query('SELECT 1') over ${SIZE} connections (µs)`,

  async run({ server, quick }: Bench) {
    const queries = quick ? 1000 : 10_000
    const results = await inTurns({
      variants: VARIANTS,
      module: 'query',
      config: (variant): QueryConfig => ({ variant, address: addressOf(server), size: SIZE }),
      rounds: quick ? 3 : 9,
      play: async (contestant: Contestant<QueryRound, number>) => {
        const times: number[] = []
        for (const concurrency of CONCURRENCIES) {
          times.push(await contestant.run({ queries, concurrency }))
        }
        return times
      },
    })
    const times = (variant: QueryVariant, at: number): number[] =>
      results[variant].map((round) => round[at]!)
    const ratios = (variant: QueryVariant): number[] =>
      CONCURRENCIES.map((_, at) => pairedRatio(times(variant, at), times('mysql2/promise', at)))
    printTable(
      ['pool', 'one by one', '20 at once', 'to mysql2/promise'],
      VARIANTS.map((variant) => [
        variant,
        ...CONCURRENCIES.map((_, at) => tenths(median(times(variant, at)))),
        ratios(variant).map(ratio).join('  '),
      ]),
    )
    const ours = ratios('lifeguard')
    printTarget(
      'ours ≤ mysql2/promise',
      ours.every((value) => value <= 1),
      ours.map(ratio).join(', '),
    )
  },
}
