import { createPool, type Pool, type PoolOptions } from '@lifeguard/core'
import { createDatabase, type DatabaseAddress, sharedDatabase } from '@lifeguard/test-kit'
import type { Test } from 'tap'

/** A pool over a database of its own on the shared server; both end with the test. */
export async function freshPool(
  t: Test,
  options: PoolOptions = {},
): Promise<{ pool: Pool; server: DatabaseAddress; uri: string; database: string }> {
  const server = await sharedDatabase()
  const database = await createDatabase(server)
  const pool = createPool({ uri: database.uri, ...options })
  t.teardown(async () => {
    await pool.end({ deadline: 1000 })
    await database.drop()
  })
  return { pool, server, uri: database.uri, database: database.name }
}

/** The server's id of the connection that a lease or scope has. */
export async function connectionId(line: Pick<Pool, 'query'>): Promise<number> {
  const [rows] = await line.query('SELECT CONNECTION_ID() AS id')
  return (rows as unknown as { id: number }[])[0]!.id
}

/** The code of the error that `work` rejects with; fails loudly where it does not. */
export async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work
  } catch (error) {
    return (error as { code?: string }).code
  }
  throw new Error('expected a rejection')
}
