import { createPool } from '@lifeguard/mysql2'
import { createPool as createMysql2Pool, type Pool, type PoolOptions } from 'mysql2'

import type { Address } from '../benchmark.ts'
import type { DropInStyle } from '../drop-in.ts'
import { serve } from './serve.ts'

export type DropInVariant = 'lifeguard' | 'mysql2'

export interface DropInConfig {
  readonly variant: DropInVariant
  readonly address: Address
  readonly size: number
}

export interface DropInRound {
  readonly style: DropInStyle
  readonly queries: number
  readonly concurrency: number
}

/** One statement, as mysql2's users write it. */
function statements(pool: Pool): Record<DropInStyle, () => Promise<unknown>> {
  const promised = pool.promise()
  return {
    'query, promise': () => promised.query('SELECT 1'),
    'query, callback': () =>
      new Promise((resolve, reject) => {
        pool.query('SELECT 1', (error, rows) => (error ? reject(error) : resolve(rows)))
      }),
    'execute, promise': () => promised.execute('SELECT ?', [1]),
    'getConnection, promise': async () => {
      const connection = await promised.getConnection()
      try {
        return await connection.query('SELECT 1')
      } finally {
        connection.release()
      }
    },
    'getConnection, callback': () =>
      new Promise((resolve, reject) => {
        pool.getConnection((failure, connection) => {
          if (failure) return reject(failure)
          connection.query('SELECT 1', (error, rows) => {
            connection.release()
            if (error) reject(error)
            else resolve(rows)
          })
        })
      }),
  }
}

await serve(async ({ variant, address, size }: DropInConfig) => {
  const open: Record<DropInVariant, (options: PoolOptions) => Pool> = {
    lifeguard: createPool,
    mysql2: createMysql2Pool,
  }
  const send = statements(open[variant]({ ...address, connectionLimit: size }))
  /** Microseconds per statement. */
  return async ({ style, queries, concurrency }: DropInRound): Promise<number> => {
    const each = Math.ceil(queries / concurrency)
    const work = async (): Promise<void> => {
      for (let i = 0; i < each; i++) await send[style]()
    }
    const started = performance.now()
    await Promise.all(Array.from({ length: concurrency }, work))
    return ((performance.now() - started) * 1000) / (each * concurrency)
  }
})
