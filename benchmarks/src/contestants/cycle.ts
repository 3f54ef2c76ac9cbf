import { createPool } from '@lifeguard/core'
import { createPool as createMariadbPool } from 'mariadb'
import { createPool as createCallbackPool } from 'mysql2'
import { createPool as createMysql2Pool } from 'mysql2/promise'

import type { Address } from '../benchmark.ts'
import { serve } from './serve.ts'

export type CycleVariant = 'lifeguard' | 'mysql2/promise' | 'mysql2 callback' | 'mariadb'

export interface CycleConfig {
  readonly variant: CycleVariant
  readonly address: Address
  readonly size: number
}

export interface CycleRound {
  readonly cycles: number
  readonly concurrency: number
}

type Cycles = (count: number) => Promise<void>

const OPENERS: Record<CycleVariant, (config: CycleConfig) => Promise<Cycles>> = {
  async lifeguard({ address, size }) {
    const pool = createPool({ ...address, min: size, max: size })
    await pool.warm(size)
    return async (count) => {
      for (let i = 0; i < count; i++) {
        const lease = await pool.acquire()
        await lease.release()
      }
    }
  },

  async 'mysql2/promise'({ address, size }) {
    const pool = createMysql2Pool({ ...address, connectionLimit: size })
    const taken = await Promise.all(Array.from({ length: size }, () => pool.getConnection()))
    for (const connection of taken) connection.release()
    return async (count) => {
      for (let i = 0; i < count; i++) {
        const connection = await pool.getConnection()
        connection.release()
      }
    }
  },

  async 'mysql2 callback'({ address, size }) {
    const pool = createCallbackPool({ ...address, connectionLimit: size })
    const warm = pool.promise()
    const taken = await Promise.all(Array.from({ length: size }, () => warm.getConnection()))
    for (const connection of taken) connection.release()
    return (count) =>
      new Promise((resolve, reject) => {
        let left = count
        const next = (): void => {
          if (left-- === 0) return resolve()
          pool.getConnection((error, connection) => {
            if (error) return reject(error)
            connection.release()
            next()
          })
        }
        next()
      })
  },

  async mariadb({ address, size }) {
    const pool = createMariadbPool({ ...address, connectionLimit: size })
    while (pool.idleConnections() < size) await new Promise((resolve) => setTimeout(resolve, 5))
    return async (count) => {
      for (let i = 0; i < count; i++) {
        const connection = await pool.getConnection()
        await connection.release()
      }
    }
  },
}

await serve(async (config: CycleConfig) => {
  const cycle = await OPENERS[config.variant](config)
  /** Nanoseconds per cycle. */
  return async ({ cycles, concurrency }: CycleRound): Promise<number> => {
    const each = Math.ceil(cycles / concurrency)
    const started = process.hrtime.bigint()
    await Promise.all(Array.from({ length: concurrency }, () => cycle(each)))
    return Number(process.hrtime.bigint() - started) / (each * concurrency)
  }
})
