import { createPool, type Pool, type PoolOptions } from '@lifeguard/core'
import { createDatabase, sharedDatabase } from '@lifeguard/test-kit'
import type { Test } from 'tap'

export interface FreshPool {
  readonly pool: Pool
  readonly uri: string
  readonly database: string
}

/** A pool over a database of its own on the shared server; both end with the test. */
export async function freshPool(t: Test, options: PoolOptions = {}): Promise<FreshPool> {
  const database = await createDatabase(await sharedDatabase())
  const pool = createPool({ uri: database.uri, ...options })
  t.teardown(async () => {
    await pool.end({ deadline: 1000 })
    await database.drop()
  })
  return { pool, uri: database.uri, database: database.name }
}
