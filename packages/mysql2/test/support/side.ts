import * as ours from '@lifeguard/mysql2'
import * as oursPromise from '@lifeguard/mysql2/promise'
import { createDatabase, sharedDatabase, type TestDatabase } from '@lifeguard/test-kit'
import * as theirs from 'mysql2'
import type { Connection, Pool, PoolConnection, PoolOptions } from 'mysql2'
import * as theirsPromise from 'mysql2/promise'

/** One of the two modules, with a database of its own. */
export interface Side {
  readonly name: 'mysql2' | 'lifeguard'
  readonly mysql: typeof theirs
  readonly promise: typeof theirsPromise
  readonly database: TestDatabase
  readonly uri: string
  /** A pool that ends with the behaviour. */
  pool(options?: PoolOptions): Pool
}

const MODULES = {
  mysql2: { mysql: theirs, promise: theirsPromise },
  lifeguard: { mysql: ours as unknown as typeof theirs, promise: oursPromise as never },
} as const

/** Looks at one behaviour of one of the two. */
export async function look<T>(name: Side['name'], observe: (side: Side) => Promise<T>): Promise<T> {
  const database = await createDatabase(await sharedDatabase())
  const pools: Pool[] = []
  const { mysql, promise } = MODULES[name] as {
    mysql: typeof theirs
    promise: typeof theirsPromise
  }
  const side: Side = {
    name,
    mysql,
    promise,
    database,
    uri: database.uri,
    pool(options) {
      const pool = mysql.createPool({ uri: database.uri, ...options })
      pools.push(pool)
      return pool
    },
  }
  try {
    return await observe(side)
  } finally {
    for (const pool of pools) pool.end(() => {})
    await database.drop()
  }
}

/** The error and the results that a callback gets. */
export type Called = readonly [error: Error | null, ...results: unknown[]]

export function called(start: (done: (...args: never[]) => void) => unknown): Promise<Called> {
  return new Promise((resolve) => {
    start((...args: unknown[]) => resolve(args as unknown as Called))
  })
}

export async function lent(pool: Pool): Promise<PoolConnection> {
  const [error, connection] = await called((done) => pool.getConnection(done as never))
  if (error) throw error
  return connection as PoolConnection
}

export async function rows(
  line: Pick<Connection, 'query'>,
  sql: string,
  values?: unknown,
): Promise<unknown> {
  const [error, result] = await called((done) => line.query(sql, values as never, done as never))
  if (error) throw error
  return result
}

/** What an error says, without its stack. */
export function essence(error: unknown): object {
  const { message, ...rest } = { ...(error as object), message: (error as Error).message }
  return { message, ...rest }
}
