import { createPool } from '@lifeguard/core'
import { createPool as createMariadbPool } from 'mariadb'
import { createPool as createMysql2Pool } from 'mysql2/promise'

import type { Address } from '../benchmark.ts'

export type PoolName = 'lifeguard' | 'mysql2' | 'mariadb'

export interface PoolSize {
  /** Kept open, and open before anything is measured. */
  readonly min: number
  readonly max: number
}

/** What all pools can do, in the simplest form that their documentation shows. */
export interface AnyPool {
  /** Acquires, runs one statement and releases; answers how long the acquire took, in milliseconds. */
  use(sql: string): Promise<number>
  /** Resolves when `min` connections are there and idle. */
  warm(): Promise<void>
  end(): Promise<unknown>
}

export function openPool(name: PoolName, address: Address, size: PoolSize): AnyPool {
  if (name === 'lifeguard') return openLifeguard(address, size)
  return name === 'mysql2' ? openMysql2(address, size) : openMariadb(address, size)
}

function openLifeguard(address: Address, { min, max }: PoolSize): AnyPool {
  const pool = createPool({ ...address, min, max })
  return {
    async use(sql) {
      const started = performance.now()
      const lease = await pool.acquire()
      const waited = performance.now() - started
      try {
        await lease.query(sql)
      } finally {
        await lease.release()
      }
      return waited
    },
    warm: () => pool.warm(min),
    end: () => pool.end(),
  }
}

function openMysql2(address: Address, { min, max }: PoolSize): AnyPool {
  const pool = createMysql2Pool({ ...address, connectionLimit: max })
  return {
    async use(sql) {
      const started = performance.now()
      const connection = await pool.getConnection()
      const waited = performance.now() - started
      try {
        await connection.query(sql)
      } finally {
        connection.release()
      }
      return waited
    },
    async warm() {
      const taken = Array.from({ length: min }, () => pool.getConnection())
      for (const connection of await Promise.all(taken)) connection.release()
    },
    end: () => pool.end(),
  }
}

function openMariadb(address: Address, { min, max }: PoolSize): AnyPool {
  const pool = createMariadbPool({ ...address, connectionLimit: max, minimumIdle: min })
  return {
    async use(sql) {
      const started = performance.now()
      const connection = await pool.getConnection()
      const waited = performance.now() - started
      try {
        await connection.query(sql)
      } finally {
        await connection.release()
      }
      return waited
    },
    async warm() {
      // It opens `minimumIdle` by itself.
      while (pool.idleConnections() < min) await new Promise((resolve) => setTimeout(resolve, 5))
      const taken = Array.from({ length: min }, () => pool.getConnection())
      await Promise.all((await Promise.all(taken)).map((connection) => connection.release()))
    },
    end: () => pool.end(),
  }
}
