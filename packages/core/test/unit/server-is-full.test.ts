import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { watch } from '../support/rejection.ts'

void t.test('waiters go on waiting, and releases serve them', async (t) => {
  const { pool, clock, server } = fakePool({ max: 10 }, { capacity: 3 })
  const uses = Array.from({ length: 30 }, () => pool.use((lease) => lease.query('SLEEP 20')))
  await clock.run(Promise.all(uses))
  t.match(pool.stats(), { acquired: 30, released: 30, timeouts: 0 })
  t.equal(server.live.length, 3)
  t.ok(server.attempts < 10, `${server.attempts} attempts`)
})

void t.test('the maximum is lowered for a while, then raised', async (t) => {
  const { pool, clock, server } = fakePool({ max: 10 }, { capacity: 2 })
  const leases = [await pool.acquire(), await pool.acquire()]
  const waiter = watch(pool.acquire())
  await clock.advance(1)
  t.match(pool.stats(), { effectiveMax: 2, max: 10, waiting: 1 })
  server.capacity = 10
  await clock.advance(251)
  t.equal(waiter.state, 'resolved', 'probed again, by itself')
  t.equal(pool.stats().effectiveMax, 10)
  for (const lease of leases) await lease.release()
})

void t.test('it stays low while the server stays full', async (t) => {
  const { pool, clock, server } = fakePool({ max: 10, acquireTimeout: 60_000 }, { capacity: 2 })
  await Promise.all([pool.acquire(), pool.acquire()])
  const waiter = watch(pool.acquire())
  await clock.advance(20_000)
  t.equal(waiter.state, 'pending')
  t.ok(server.attempts <= 15, `${server.attempts} attempts in 20 s`)
  server.capacity = 3
  await clock.advance(5001)
  t.equal(waiter.state, 'resolved')
})

void t.test('a burst of connects that fails at once lowers it for a short time only', async (t) => {
  const { pool, clock, server } = fakePool({ min: 20, max: 20 }, { capacity: 5, connectMs: 10 })
  await clock.advance(10)
  t.match(pool.stats(), { total: 5, connectFailures: 15 })
  server.capacity = 20
  await clock.advance(300)
  t.equal(pool.stats().effectiveMax, 20)
  t.equal(pool.stats().total, 20)
})

void t.test('no connection for us at all: it is no refusal', async (t) => {
  const { pool, clock, server } = fakePool({ max: 10 }, { capacity: 0 })
  const waiter = watch(pool.acquire())
  await clock.advance(1000)
  t.equal(waiter.state, 'pending')
  t.equal(pool.stats().effectiveMax, 0)
  server.capacity = 1
  await clock.advance(5000)
  t.equal(waiter.state, 'resolved')
})
