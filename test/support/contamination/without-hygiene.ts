import { waitFor } from '@lifeguard/test-kit'
import { createPool, type PoolConnection } from 'mysql2/promise'

import { fingerprint, type Fingerprint } from './fingerprint.ts'
import type { Borrowed, Kind } from './kind.ts'
import { optionsFor } from './pools.ts'
import { DATABASE, type World } from './world.ts'

/**
 * The fingerprint of a session in mysql2's own pool, which hands it from the first borrower to the second
 * as it is. Without a first borrower: of a new session.
 */
export async function lookWithoutHygiene(
  kind: Kind,
  world: World,
  first?: Kind['dirty'],
): Promise<Fingerprint> {
  const { settle: _, settleTimeout: __, ...options } = optionsFor(kind, world)
  const pool = createPool({ ...(options as object), connectionLimit: 1 })
  if (first) {
    const connection = await pool.getConnection()
    await first(borrowed(connection), world)
    connection.release()
  }
  const connection = await pool.getConnection()
  try {
    return await fingerprint(borrowed(connection), world)
  } finally {
    const { threadId } = connection
    connection.destroy()
    await pool.end()
    await forgotten(world, threadId)
    if (first) await kind.leftBehind?.tidy(world)
    // What it may have committed.
    await world.bystander.query(`DELETE FROM ${DATABASE}.ledger WHERE id > 2`)
  }
}

function borrowed(connection: PoolConnection): Borrowed {
  return {
    query: (sql, values) => connection.query(sql as string, values as never),
    execute: (sql, values) => connection.execute(sql as string, values as never),
    connection: connection.connection as unknown as Borrowed['connection'],
  }
}

/** The server takes its time to end a session, and what it held is held until then. */
async function forgotten({ bystander }: World, threadId: number): Promise<void> {
  const gone = async (): Promise<boolean> => {
    const [rows] = await bystander.query(
      'SELECT id FROM information_schema.processlist WHERE id = ?',
      [threadId],
    )
    return (rows as unknown[]).length === 0
  }
  await waitFor(gone, { label: `session ${threadId} is gone`, every: 5 })
}
