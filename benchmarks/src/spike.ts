import type { Bench, Benchmark } from './benchmark.ts'
import type { PoolName } from './contestants/pools.ts'
import { type PoolLoad, loadPools, POOLS } from './load-pools.ts'
import { median, pairedRatio, percentile } from './stats.ts'
import { printTable, printTarget, ratio, tenths, whole } from './table.ts'

const MIN = 5

/** HikariCP's "spike demand" test. */
export const spike: Benchmark = {
  title: 'spike: 50 requests of 2 ms at once, 150 ms to connect, 5 to 50 connections, 5 warm',

  async run(bench: Bench) {
    const loads = await loadPools(bench, {
      rounds: bench.quick ? 3 : 9,
      connectMs: 150,
      min: MIN,
      max: 50,
      workers: 50,
      sql: 'DO SLEEP(0.002)',
      until: 'once',
    })
    const total = (pool: PoolName): number[] => loads[pool].map((load) => load.totalMs)
    const acquire = (pool: PoolName, percent: number): number =>
      median(loads[pool].map((load) => percentile(load.acquireMs, percent)))
    const opened = (pool: PoolName): number => median(loads[pool].map(all))
    printTable(
      ['pool', 'total ms', 'to mariadb', 'acquire p50 ms', 'p99 ms', 'newly opened'],
      POOLS.map((pool) => [
        pool,
        tenths(median(total(pool))),
        ratio(pairedRatio(total(pool), total('mariadb'))),
        tenths(acquire(pool, 50)),
        tenths(acquire(pool, 99)),
        whole(opened(pool) - MIN),
      ]),
    )
    const ours = pairedRatio(total('lifeguard'), total('mariadb'))
    printTarget('ours ≤ 1.25 × the MariaDB connector', ours <= 1.25, ratio(ours))
    const most = Math.max(...loads.lifeguard.map(all))
    printTarget('ours opens ≤ 10 in all', most <= 10, `at most ${most}`)
  },
}

function all(load: PoolLoad): number {
  return load.opened
}
