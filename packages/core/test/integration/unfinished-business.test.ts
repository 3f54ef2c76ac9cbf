import { once } from 'node:events'

import t from 'tap'

import { codeOf, connectionId, freshPool } from '../support/fresh-pool.ts'

const MANY_ROWS =
  'WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i, REPEAT("x", 100) AS x FROM n'

void t.test('a stream that was left half way does not reach the next borrower', async (t) => {
  const { pool } = await freshPool(t, {
    max: 1,
    initSql: [`SET @dummy = 1`],
  })
  const first = await connectionId(pool)
  const lease = await pool.acquire()
  await lease
    .query('SET @@cte_max_recursion_depth = 200000')
    .catch(() => lease.query('SET @@max_recursive_iterations = 200000'))
  const stream = lease.connection.query(MANY_ROWS).stream()
  stream.on('error', () => {})
  await once(stream, 'data')
  stream.pause()
  await lease.release()
  t.same((await pool.query('SELECT 42 AS answer'))[0], [{ answer: 42 }])
  t.match(pool.stats(), { inUse: 0, waiting: 0, kills: 1 })
  t.equal(await connectionId(pool), first, 'and the connection is kept')
})

void t.test(
  'a stream that was read to its end needs no kill, though it is released in its end event',
  async (t) => {
    const { pool } = await freshPool(t, { max: 1 })
    const lease = await pool.acquire()
    const stream = lease.connection.query('SELECT 1 AS one').stream()
    stream.resume()
    await new Promise<void>((resolve) => {
      stream.on('end', () => void lease.release().then(resolve))
    })
    t.match(pool.stats(), { kills: 0, inUse: 0 })
  },
)

void t.test('a statement that takes too long is killed, and the lease goes on', async (t) => {
  const { pool } = await freshPool(t, { max: 1 })
  await pool.use(async (lease) => {
    t.equal(
      await codeOf(lease.query({ sql: 'SELECT SLEEP(30)', timeout: 50 })),
      'ERR_STATEMENT_TIMEOUT',
    )
    t.same((await lease.query('SELECT 1 AS one'))[0], [{ one: 1 }])
  })
  t.match(pool.stats(), { kills: 1, created: 1 })
})

void t.test('what a lease gave out is as dead as the lease', async (t) => {
  const { pool } = await freshPool(t, { max: 1 })
  const lease = await pool.acquire()
  const { connection } = lease
  const promised = connection.promise()
  const prepared = await promised.prepare('SELECT 1')
  await lease.release()
  await pool.use(async (other) => {
    await other.query('START TRANSACTION')
    t.equal(await codeOf(lease.query('SELECT 1')), 'ERR_LEASE_RELEASED')
    t.equal(await codeOf(lease.execute('SELECT 1')), 'ERR_LEASE_RELEASED')
    t.equal(await codeOf(lease.transaction(() => 1)), 'ERR_LEASE_RELEASED')
    t.equal(await codeOf(promised.query('COMMIT')), 'ERR_LEASE_RELEASED')
    t.equal(await codeOf(promised.execute('SELECT 1')), 'ERR_LEASE_RELEASED')
    t.equal(await codeOf(promised.commit()), 'ERR_LEASE_RELEASED')
    t.equal(await codeOf(promised.ping()), 'ERR_LEASE_RELEASED')
    t.equal(await codeOf(promised.changeUser({ user: 'root' })), 'ERR_LEASE_RELEASED')
    t.equal(await codeOf(prepared.execute([])), 'ERR_LEASE_RELEASED')
    await new Promise<void>((resolve) => {
      connection.query('COMMIT', (error) => {
        t.match(error, { code: 'ERR_LEASE_RELEASED' })
        resolve()
      })
    })
    await lease.release()
    connection.end()
    connection.destroy()
    t.equal(pool.stats().inUse, 1, 'a stale release releases nobody else')
    t.same((await other.query('SELECT 1 AS one'))[0], [{ one: 1 }])
  })
  t.equal(pool.stats().created, 1)
})
