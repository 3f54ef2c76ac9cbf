import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection, watch } from '../support/rejection.ts'

void t.test('released twice is released once', async (t) => {
  const { pool } = fakePool({ max: 1 })
  const lease = await pool.acquire()
  const first = lease.release()
  t.equal(lease.release(), first)
  t.equal(lease.destroy(), first)
  t.ok(lease.released)
  await first
  t.match(pool.stats(), { idle: 1, acquired: 1, released: 1 })
})

void t.test("a stale release is nobody else's", async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  const stale = await pool.acquire()
  await stale.release()
  const lease = await pool.acquire()
  t.equal(lease.threadId, 1)
  await stale.release()
  await stale.destroy()
  await stale[Symbol.asyncDispose]()
  const waiter = watch(pool.acquire())
  await clock.advance(10)
  t.equal(waiter.state, 'pending')
  t.notOk(lease.released)
  await lease.query('SELECT 1')
  t.match(pool.stats(), { inUse: 1, acquired: 2, released: 1 })
})

void t.test('later use is rejected and never reaches the connection', async (t) => {
  const { pool, clock, server } = fakePool({ name: 'shop', statementTimeout: 100 })
  const lease = await pool.acquire({ label: 'GET /cart' })
  await lease.query('SELECT 1')
  await lease.release()
  const uses = [
    () => lease.query('SELECT 2'),
    () => lease.execute('SELECT 2'),
    () => lease.query({ sql: 'SELECT 2', timeout: 5 }),
    () => lease.transaction(() => {}),
  ]
  for (const use of uses) {
    const error = await rejection(use())
    t.equal(error.code, 'ERR_LEASE_RELEASED')
    t.match(error.message, /^shop: .*\(GET \/cart\)$/)
  }
  t.throws(() => lease.threadId, { code: 'ERR_LEASE_RELEASED' })
  t.throws(() => lease.connection, { code: 'ERR_LEASE_RELEASED' })
  await clock.advance(1000)
  t.strictSame(server.newest.log, ['SELECT 1'])
})

void t.test('a lease can be disposed of', async (t) => {
  const { pool } = fakePool()
  const lease = await pool.acquire()
  await lease[Symbol.asyncDispose]()
  t.equal(pool.stats().idle, 1)
})

void t.test('use gives back, whatever happens', async (t) => {
  const { pool, clock } = fakePool()
  t.equal(await clock.run(pool.use(() => 'result')), 'result')
  const thrown = new Error('mine')
  const throwing = () => {
    throw thrown
  }
  t.equal(await clock.run(rejection(pool.use(throwing))), thrown)
  t.equal(await clock.run(rejection(pool.use(() => Promise.reject(thrown)))), thrown)
  t.match(pool.stats(), { inUse: 0, idle: 1, acquired: 3, released: 3 })
})
