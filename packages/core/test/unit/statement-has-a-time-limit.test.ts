import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection, watch } from '../support/rejection.ts'

void t.test('it is killed, and its caller is told at once', async (t) => {
  const { pool, clock, server } = fakePool({ statementTimeout: 100 }, { killMs: 20 })
  const lease = await pool.acquire({ label: 'report' })
  const error = await clock.run(rejection(lease.query('HANG')))
  t.equal(error.code, 'ERR_STATEMENT_TIMEOUT')
  t.match(error.message, /100 ms.*\(report\)/)
  t.equal(clock.now(), 100)
  t.strictSame(server.kills, [{ threadId: 1, what: 'query' }])
  await clock.run(lease.query('SELECT 1'))
  t.equal(clock.now(), 120, 'the next statement waits until the KILL cannot hit it')
})

void t.test('a limit for one statement', async (t) => {
  const { pool, clock } = fakePool()
  const lease = await pool.acquire()
  const error = await clock.run(rejection(lease.query({ sql: 'HANG', timeout: 30 })))
  t.equal(error.code, 'ERR_STATEMENT_TIMEOUT')
  t.equal(clock.now(), 30)
})

void t.test('0 lifts the limit of the pool', async (t) => {
  const { pool, clock } = fakePool({ statementTimeout: 100 })
  const lease = await pool.acquire()
  await clock.run(lease.query({ sql: 'SLEEP 500', timeout: 0 }))
  t.equal(clock.now(), 500)
})

void t.test('who is in time leaves no timer', async (t) => {
  const { pool, clock, server } = fakePool({ statementTimeout: 100 })
  const lease = await pool.acquire()
  const { timers } = clock
  await clock.run(lease.query('SLEEP 99'))
  t.equal(clock.timers, timers)
  server.failures.set('INSERT', 'ER_DUP_ENTRY')
  await rejection(lease.query('INSERT'))
  t.equal(clock.timers, timers)
  await clock.advance(1000)
  t.strictSame(server.kills, [])
})

void t.test('the session is reset afterwards', async (t) => {
  const { pool, clock, server } = fakePool({ statementTimeout: 100 })
  await clock.run(rejection(pool.use((lease) => lease.query('HANG'))))
  await clock.advance(0)
  t.equal(server.newest.log.at(-1), 'reset')
  t.equal(pool.stats().idle, 1)
})

void t.test('a statement that no KILL ends takes its connection with it', async (t) => {
  const { pool, clock, server } = fakePool({ statementTimeout: 100, settleTimeout: 50 })
  const lease = await pool.acquire()
  server.newest.stubborn = true
  await clock.run(rejection(lease.query('HANG')))
  await clock.advance(200)
  t.equal(server.live.length, 0)
  await clock.run(lease.release())
  await clock.advance(0)
  t.equal(pool.stats().total, 0)
})

void t.test('a KILL that is still under way hits nobody else', async (t) => {
  const { pool, clock, server } = fakePool({ max: 1 }, { killMs: 50 })
  const lease = await pool.acquire()
  const late = rejection(lease.query({ sql: 'SLEEP 110', timeout: 100 }))
  await clock.advance(120)
  t.equal((await late).code, 'ERR_STATEMENT_TIMEOUT')
  // It has ended by itself meanwhile, so nothing is left to kill, but the KILL is on its way.
  t.notOk(server.newest.busy)
  const released = lease.release()
  const next = pool.use((other) => other.query('SLEEP 100'))
  const seen = watch(next)
  await clock.advance(500)
  await released
  t.equal(seen.state, 'resolved', String(seen.error))
})

void t.test('a KILL that is never answered takes the connection with it', async (t) => {
  const { pool, clock, server } = fakePool({ statementTimeout: 100, settleTimeout: 50 })
  server.hangs.add('kill')
  const lease = await pool.acquire()
  await clock.run(rejection(lease.query('HANG')))
  const next = rejection(lease.query('SELECT 1'))
  await clock.run(lease.release())
  t.match(await next, { code: 'ERR_LEASE_RELEASED' })
  await clock.advance(0)
  t.equal(clock.now(), 200)
  t.match(pool.stats(), { total: 0, released: 1 })
  t.ok(server.newest.destroyed)
})
