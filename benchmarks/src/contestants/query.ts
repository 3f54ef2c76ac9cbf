import { createPool } from '@lifeguard/core'
import { createPool as createMysql2Pool } from 'mysql2/promise'

import type { Address } from '../benchmark.ts'
import { serve } from './serve.ts'

export type QueryVariant = 'lifeguard' | 'mysql2/promise'

export interface QueryConfig {
  readonly variant: QueryVariant
  readonly address: Address
  readonly size: number
}

export interface QueryRound {
  readonly queries: number
  readonly concurrency: number
}

await serve(async ({ variant, address, size }: QueryConfig) => {
  const pool =
    variant === 'lifeguard'
      ? createPool({ ...address, min: size, max: size })
      : createMysql2Pool({ ...address, connectionLimit: size })
  /** Microseconds per query. */
  return async ({ queries, concurrency }: QueryRound): Promise<number> => {
    const each = Math.ceil(queries / concurrency)
    const work = async (): Promise<void> => {
      for (let i = 0; i < each; i++) await pool.query('SELECT 1')
    }
    const started = performance.now()
    await Promise.all(Array.from({ length: concurrency }, work))
    return ((performance.now() - started) * 1000) / (each * concurrency)
  }
})
