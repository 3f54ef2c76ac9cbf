import type { Address } from '../benchmark.ts'
import { type AnyPool, openPool, type PoolName, type PoolSize } from './pools.ts'
import { serve } from './serve.ts'

export interface LoadConfig extends PoolSize {
  readonly pool: PoolName
  readonly address: Address
}

/** `once`: all workers run one statement. `for`: each begins again until the time is up, in milliseconds. */
export interface LoadRound {
  readonly workers: number
  readonly sql: string
  readonly until: 'once' | { readonly for: number }
}

export interface LoadResult {
  readonly totalMs: number
  /** How long each acquire took. */
  readonly acquireMs: readonly number[]
  /** How many statements each worker ran. */
  readonly turns: readonly number[]
}

/** Each round has a new pool, which is warm before the clock starts. */
await serve(async ({ pool: name, address, ...size }: LoadConfig) => {
  return async (round: LoadRound): Promise<LoadResult> => {
    const pool = openPool(name, address, size)
    try {
      await pool.warm()
      return await load(pool, round)
    } finally {
      // What was still being opened belongs to this round's count.
      await new Promise((resolve) => setTimeout(resolve, 400))
      await pool.end()
    }
  }
})

async function load(pool: AnyPool, { workers, sql, until }: LoadRound): Promise<LoadResult> {
  const acquireMs: number[] = []
  const started = performance.now()
  const end = until === 'once' ? started : started + until.for
  const work = async (): Promise<number> => {
    let turns = 0
    do {
      acquireMs.push(await pool.use(sql))
      turns++
    } while (performance.now() < end)
    return turns
  }
  const turns = await Promise.all(Array.from({ length: workers }, work))
  return { totalMs: performance.now() - started, acquireMs, turns }
}
