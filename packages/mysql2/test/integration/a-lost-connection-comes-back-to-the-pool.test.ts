import { once } from 'node:events'

import { createPool, createPoolCluster, type Pool } from '@lifeguard/mysql2'
import { adminQuery, sharedDatabase, waitFor } from '@lifeguard/test-kit'
import t, { type Test } from 'tap'

async function freshPool(t: Test): Promise<Pool> {
  const pool = createPool({ uri: (await sharedDatabase()).uri('mysql'), connectionLimit: 1 })
  t.teardown(() => pool.lifeguard.end({ deadline: 100 }))
  return pool
}

/** Kills the connection that runs `sql`, as soon as it does. */
async function kill(sql: string): Promise<void> {
  const server = await sharedDatabase()
  let id: unknown
  await waitFor(async () => {
    const rows = await adminQuery(
      server,
      `SELECT id FROM information_schema.processlist WHERE info = '${sql}'`,
    )
    id = Object.values(rows[0] ?? {})[0]
    return id
  })
  await adminQuery(server, `KILL ${String(id)}`)
}

const STYLES: Record<string, (pool: Pool, sql: string) => Promise<unknown>> = {
  callback: (pool, sql) =>
    new Promise((_, reject) => {
      pool.query(sql, reject)
    }),
  promise: (pool, sql) => pool.promise().query(sql),
  events: async (pool, sql) => {
    const [error] = (await once(pool.query(sql), 'error')) as [Error]
    throw error
  },
  stream: (pool, sql) => pool.query(sql).stream().toArray(),
}

for (const [style, send] of Object.entries(STYLES)) {
  void t.test(`a statement by ${style} that loses its connection`, async (t) => {
    const pool = await freshPool(t)
    const sql = `SELECT SLEEP(20) AS by_${style}_${process.pid}`
    const sent = send(pool, sql)
    await Promise.all([t.rejects(sent), kill(sql)])
    const gone = { total: 0, inUse: 0, kills: 0, evicted: { 'connection lost': 1 } }
    await waitFor(() => pool.lifeguard.stats().total === 0, { timeout: 2000 })
    t.match(pool.lifeguard.stats(), gone)
    const [rows] = await pool.promise().query('SELECT 1 AS one')
    t.strictSame(rows, [{ one: 1 }])
  })
}

void t.test('a query of a cluster, too', async (t) => {
  const cluster = createPoolCluster()
  cluster.add('one', { uri: (await sharedDatabase()).uri('mysql'), connectionLimit: 1 })
  t.teardown(() => new Promise((resolve) => cluster.end(resolve)))
  const sql = `SELECT SLEEP(20) AS of_cluster_${process.pid}`
  const failed = new Promise((resolve) => cluster.of('*').query(sql, [], resolve))
  await kill(sql)
  t.type(await failed, Error)
  const rows = await new Promise((resolve) => {
    cluster.of('*').query('SELECT 1 AS one', [], (_error, answer) => resolve(answer))
  })
  t.strictSame(rows, [{ one: 1 }])
})

void t.test('whoever is late gets an error in the way that was asked for', async (t) => {
  const pool = await freshPool(t)
  const connection = await pool.promise().getConnection()
  connection.release()
  const core = connection.connection as unknown as Pool
  const late = { code: 'ERR_LEASE_RELEASED' }
  await t.rejects(connection.query('SELECT 1'), late)
  await t.rejects(connection.execute('SELECT 1'), late)
  await t.rejects(core.query('SELECT 1').stream().toArray(), late)
  t.match(await new Promise((resolve) => core.query('SELECT 1', resolve)), late)
  t.match((await once(core.query('SELECT 1'), 'error'))[0], late)
})
