import type { Bench, Benchmark } from './benchmark.ts'
import type { PoolName } from './contestants/pools.ts'
import { loadPools, POOLS } from './load-pools.ts'
import { median, percentile } from './stats.ts'
import { printTable, printTarget, ratio, tenths, whole } from './table.ts'

export const fairness: Benchmark = {
  title: 'fairness: 50 workers with queries of 5 ms on 5 connections for 3 s, turns of each worker',

  async run(bench: Bench) {
    const loads = await loadPools(bench, {
      rounds: bench.quick ? 1 : 3,
      connectMs: 0,
      min: 5,
      max: 5,
      workers: 50,
      sql: 'DO SLEEP(0.005)',
      until: { for: 3000 },
    })
    const fewest = (pool: PoolName): number[] => loads[pool].map(({ turns }) => Math.min(...turns))
    const most = (pool: PoolName): number[] => loads[pool].map(({ turns }) => Math.max(...turns))
    const evenness = (pool: PoolName): number =>
      Math.min(...fewest(pool).map((turns, i) => turns / most(pool)[i]!))
    printTable(
      ['pool', 'fewest', 'most', 'worst fewest/most', 'acquire p50 ms', 'p99 ms'],
      POOLS.map((pool) => [
        pool,
        whole(median(fewest(pool))),
        whole(median(most(pool))),
        ratio(evenness(pool)),
        tenths(median(loads[pool].map((load) => percentile(load.acquireMs, 50)))),
        tenths(median(loads[pool].map((load) => percentile(load.acquireMs, 99)))),
      ]),
    )
    const ours = evenness('lifeguard')
    printTarget('fewest ≥ 0.9 × most', ours >= 0.9, ratio(ours))
  },
}
