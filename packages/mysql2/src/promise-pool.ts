import type { Pool as NativePool } from '@lifeguard/core'
import type { PoolConnection, Pool as Mysql2PromisePool } from 'mysql2/promise'

import { BasePromisePool } from './mysql2-module.ts'
import type { Pool } from './pool.ts'

/** mysql2's pool (promises), over Lifeguard's. */
export interface PromisePool extends Mysql2PromisePool {
  readonly pool: Pool
  /** The pool below, with scopes, transactions, stats and events of its own. */
  readonly lifeguard: NativePool
}

interface PromisePoolConstructor {
  new (pool: Pool, implementation?: PromiseConstructor): PromisePool
}

class LifeguardPromisePool extends BasePromisePool {
  declare readonly pool: Pool

  get lifeguard(): NativePool {
    return this.pool.lifeguard
  }

  query(statement: string, values?: unknown): Promise<unknown> {
    refuseCallback(values)
    return this.#promised(this.lifeguard.query(statement, values))
  }

  execute(statement: string, values?: unknown): Promise<unknown> {
    refuseCallback(values)
    return this.#promised(this.lifeguard.execute(statement, values))
  }

  getConnection(): Promise<PoolConnection> {
    const lent = this.lifeguard.acquire()
    return this.#promised(
      lent.then(({ connection }) => connection.promise(this.Promise) as PoolConnection),
    )
  }

  releaseConnection(connection: PoolConnection): void {
    connection.release()
  }

  #promised<T>(answer: Promise<T>): Promise<T> {
    if (this.Promise === Promise) return answer
    return new this.Promise((resolve, reject) => {
      answer.then(resolve, reject)
    })
  }
}

function refuseCallback(values: unknown): void {
  if (typeof values === 'function') {
    throw new TypeError('a pool of promises takes no callback; that of @lifeguard/mysql2 does')
  }
}

export const PromisePool: PromisePoolConstructor =
  LifeguardPromisePool as unknown as PromisePoolConstructor
