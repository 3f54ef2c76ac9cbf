import type { Bench, Benchmark } from './benchmark.ts'
import type { PoolName } from './contestants/pools.ts'
import { loadPools, POOLS } from './load-pools.ts'
import { median, pairedRatio } from './stats.ts'
import { printTable, printTarget, ratio, whole } from './table.ts'

/** The spike's counterpart: a load that lasts, for which a pool must grow, and soon. */
export const ramp: Benchmark = {
  title: 'ramp: 50 workers with queries of 20 ms for 3 s, 150 ms to connect, 5 to 50 connections',

  async run(bench: Bench) {
    const loads = await loadPools(bench, {
      rounds: bench.quick ? 1 : 5,
      connectMs: 150,
      min: 5,
      max: 50,
      workers: 50,
      sql: 'DO SLEEP(0.02)',
      until: { for: 3000 },
    })
    const queries = (pool: PoolName): number[] => loads[pool].map((load) => load.acquireMs.length)
    printTable(
      ['pool', 'queries', 'to mysql2', 'connections opened'],
      POOLS.map((pool) => [
        pool,
        whole(median(queries(pool))),
        ratio(pairedRatio(queries(pool), queries('mysql2'))),
        whole(median(loads[pool].map((load) => load.opened))),
      ]),
    )
    const ours = pairedRatio(queries('lifeguard'), queries('mysql2'))
    printTarget('ours ≥ 0.95 × mysql2', ours >= 0.95, ratio(ours))
  },
}
