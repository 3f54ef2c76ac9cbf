import { createPool, type Pool, type PoolOptions } from '@lifeguard/core'
import {
  adminQuery,
  createDatabase,
  openTransactions,
  sharedDatabase,
  waitFor,
} from '@lifeguard/test-kit'
import type { Test } from 'tap'

/** A pool, and a table `entry` of which one can see what was really committed. */
export interface Ledger {
  readonly pool: Pool
  readonly uri: string
  /** What is committed, oldest first. */
  committed(): Promise<string[]>
  /** Resolves when the server has no transaction of ours, and the pool has its connections back. */
  nothingHeld(): Promise<void>
  kill(threadId: number): Promise<void>
}

export async function openLedger(
  t: Pick<Test, 'teardown'>,
  options: PoolOptions = {},
): Promise<Ledger> {
  const server = await sharedDatabase()
  const database = await createDatabase(server)
  await adminQuery(
    server,
    `CREATE TABLE ${database.name}.entry (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(50) NOT NULL)`,
  )
  const pool = createPool({ uri: database.uri, min: 0, ...options })
  t.teardown(async () => {
    await pool.end({ deadline: 0 })
    await database.drop()
  })
  return {
    pool,
    uri: database.uri,
    async committed() {
      const rows = await adminQuery(server, `SELECT what FROM ${database.name}.entry ORDER BY id`)
      return rows.map(({ what }) => String(what))
    },
    async nothingHeld() {
      const none = async (): Promise<boolean> =>
        pool.stats().inUse === 0 && (await openTransactions(server, database.name)) === 0
      await waitFor(none, { every: 150, label: 'nothing is held' })
    },
    async kill(threadId) {
      await adminQuery(server, `KILL ${threadId}`)
    },
  }
}
