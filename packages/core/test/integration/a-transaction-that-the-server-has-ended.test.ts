import { createPool, type Pool } from '@lifeguard/core'
import {
  adminQuery,
  canStartServers,
  createDatabase,
  startDatabase,
  testFlavor,
} from '@lifeguard/test-kit'
import t, { type Test } from 'tap'

async function strictServer(t: Test, ...args: string[]): Promise<Pool> {
  const server = await startDatabase({ args })
  const database = await createDatabase(server)
  const pool = createPool({ uri: database.uri, min: 0 })
  t.teardown(async () => {
    await pool.end({ deadline: 0 })
    await server.stop()
  })
  await adminQuery(
    server,
    `CREATE TABLE ${database.name}.item (id INT PRIMARY KEY, n INT NOT NULL)`,
  )
  await pool.query('INSERT INTO item VALUES (1, 0)')
  return pool
}

/** Writes before and after an error that it swallows. */
async function swallowing(pool: Pool, provoke: () => Promise<unknown>): Promise<unknown> {
  return pool.transaction(async (tx) => {
    await tx.query('SELECT * FROM item')
    await tx.query('INSERT INTO item VALUES (10, 0)')
    await provoke()
    await tx.query('UPDATE item SET n = n + 1 WHERE id = 1').catch(() => {})
    await tx.query('INSERT INTO item VALUES (11, 0)')
  })
}

const ids = async (pool: Pool): Promise<unknown> => (await pool.query('SELECT id FROM item'))[0]

void t.test('by a lock wait is not committed', { skip: !canStartServers() }, async (t) => {
  const pool = await strictServer(
    t,
    '--innodb-rollback-on-timeout=1',
    '--innodb-lock-wait-timeout=1',
  )
  const other = await pool.acquire()
  const lock = async (): Promise<void> => {
    await other.query('START TRANSACTION')
    await other.query('UPDATE item SET n = 5 WHERE id = 1')
  }
  await t.rejects(swallowing(pool, lock), { code: 'ER_LOCK_WAIT_TIMEOUT' })
  await other.release()
  t.same(await ids(pool), [{ id: 1 }])
})

void t.test(
  'but one that has lost a statement alone goes on',
  { skip: !canStartServers() },
  async (t) => {
    const pool = await strictServer(t, '--innodb-lock-wait-timeout=1')
    const other = await pool.acquire()
    const lock = async (): Promise<void> => {
      await other.query('START TRANSACTION')
      await other.query('UPDATE item SET n = 5 WHERE id = 1')
    }
    await swallowing(pool, lock)
    await other.release()
    t.same(await ids(pool), [{ id: 1 }, { id: 10 }, { id: 11 }])
  },
)

const hasSnapshots = canStartServers() && testFlavor() === 'mariadb'

void t.test('by a record that has changed is not committed', { skip: !hasSnapshots }, async (t) => {
  const pool = await strictServer(t, '--innodb-snapshot-isolation=ON')
  const other = await pool.acquire()
  await t.rejects(
    swallowing(pool, () => other.query('UPDATE item SET n = 5 WHERE id = 1')),
    { code: 'ER_CHECKREAD' },
  )
  await other.release()
  t.same(await ids(pool), [{ id: 1 }])
})
