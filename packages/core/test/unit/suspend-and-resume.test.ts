import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection, watch } from '../support/rejection.ts'

void t.test('callers wait until the pool is resumed, in their order', async (t) => {
  const { pool, clock, server } = fakePool({ min: 1, max: 1 })
  await clock.advance(1)
  pool.suspend()
  const order: string[] = []
  const uses = ['a', 'b'].map((name) => pool.use(() => void order.push(name)))
  await clock.advance(400)
  t.match(pool.stats(), { idle: 1, waiting: 2 })
  pool.resume()
  await clock.run(Promise.all(uses))
  t.strictSame(order, ['a', 'b'])
  t.equal(server.attempts, 1)
})

void t.test('up to their time-out', async (t) => {
  const { pool, clock, server } = fakePool({ acquireTimeout: 100 })
  pool.suspend()
  const error = await clock.run(rejection(pool.acquire()))
  t.equal(error.code, 'ERR_ACQUIRE_TIMEOUT')
  t.equal(server.attempts, 0, 'nothing is opened meanwhile')
})

void t.test('leases that are out go on, and come back', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  const lease = await clock.run(pool.acquire())
  pool.suspend()
  const waiter = watch(pool.acquire())
  await lease.query('SELECT 1')
  await lease.release()
  await clock.advance(10)
  t.equal(waiter.state, 'pending')
  t.equal(pool.stats().idle, 1)
  pool.resume()
  await clock.advance(0)
  t.equal(waiter.state, 'resolved')
})

void t.test('the end of the pool needs no resume', async (t) => {
  const { pool, clock, server } = fakePool({ min: 1 })
  await clock.advance(1)
  pool.suspend()
  await clock.run(pool.end())
  t.equal(server.live.length, 0)
})

void t.test('what has gone meanwhile is replaced at once', async (t) => {
  const { pool, clock } = fakePool({ min: 2 })
  await clock.advance(1)
  pool.suspend()
  pool.evictAll()
  await clock.advance(1)
  t.equal(pool.stats().total, 0)
  pool.resume()
  await clock.advance(1)
  t.equal(pool.stats().idle, 2)
})
