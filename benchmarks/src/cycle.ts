import { addressOf, type Bench, type Benchmark } from './benchmark.ts'
import type { Contestant } from './contestant.ts'
import type { CycleConfig, CycleRound, CycleVariant } from './contestants/cycle.ts'
import { inTurns } from './rounds.ts'
import { median, pairedRatio } from './stats.ts'
import { printTable, printTarget, ratio, whole } from './table.ts'

const VARIANTS: readonly CycleVariant[] = [
  'lifeguard',
  'mysql2/promise',
  'mysql2 callback',
  'mariadb',
]
const CONCURRENCIES = [1, 10, 100]
const SIZE = 10

/** Acquire and release of a warm connection, without a statement. At 100, ninety wait for ten. */
export const cycle: Benchmark = {
  title: `cycle: acquire + release, ${SIZE} warm connections, no query (ns)`,

  async run({ server, quick }: Bench) {
    const cycles = quick ? 20_000 : 150_000
    const results = await inTurns({
      variants: VARIANTS,
      module: 'cycle',
      config: (variant): CycleConfig => ({ variant, address: addressOf(server), size: SIZE }),
      rounds: quick ? 3 : 9,
      play: async (contestant: Contestant<CycleRound, number>) => {
        const times: number[] = []
        for (const concurrency of CONCURRENCIES) {
          times.push(await contestant.run({ cycles, concurrency }))
        }
        return times
      },
    })
    const times = (variant: CycleVariant, at: number): number[] =>
      results[variant].map((round) => round[at]!)
    const ratios = (variant: CycleVariant): number[] =>
      CONCURRENCIES.map((_, at) => pairedRatio(times(variant, at), times('mysql2/promise', at)))

    printTable(
      ['pool', ...CONCURRENCIES.map((n) => `${n} at once`), 'to mysql2/promise'],
      VARIANTS.map((variant) => [
        variant,
        ...CONCURRENCIES.map((_, at) => whole(median(times(variant, at)))),
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
