import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection, watch } from '../support/rejection.ts'

void t.test('one more is refused at once, and may be tried again', async (t) => {
  const { pool } = fakePool({ max: 1, queueLimit: 2 })
  const lease = await pool.acquire()
  const waiting = [pool.acquire(), pool.acquire()]
  const error = await rejection(pool.acquire())
  t.equal(error.code, 'ERR_QUEUE_FULL')
  t.equal(error.statusCode, 503)
  t.equal(pool.stats().waiting, 2)
  await lease.release()
  await (await waiting[0]!).release()
  await (await waiting[1]!).release()
  t.match(pool.stats(), { idle: 1, acquired: 3, released: 3 })
})

void t.test('0: nobody waits for a release, but a connect may be waited for', async (t) => {
  const { pool, clock } = fakePool({ max: 2, queueLimit: 0 }, { connectMs: 50 })
  const first = watch(pool.acquire())
  const second = watch(pool.acquire())
  t.equal((await rejection(pool.acquire())).code, 'ERR_QUEUE_FULL')
  await clock.advance(200)
  t.equal(first.state, 'resolved')
  t.equal(second.state, 'resolved')
  t.equal((await rejection(pool.acquire())).code, 'ERR_QUEUE_FULL')
})

void t.test('0: a connection that is checked first may be waited for', async (t) => {
  const { pool, clock } = fakePool({ min: 1, max: 1, queueLimit: 0 }, { pingMs: 10 })
  await clock.advance(1000)
  const lease = await clock.run(pool.acquire())
  t.equal((await rejection(pool.acquire())).code, 'ERR_QUEUE_FULL')
  await lease.release()
})

void t.test('who left makes room', async (t) => {
  const { pool, clock } = fakePool({ max: 1, queueLimit: 1, acquireTimeout: 100 })
  await pool.acquire()
  await clock.run(rejection(pool.acquire()))
  t.equal((await clock.run(rejection(pool.acquire()))).code, 'ERR_ACQUIRE_TIMEOUT')
})

void t.test('no limit unless one is set', async (t) => {
  const { pool } = fakePool({ max: 1 })
  await pool.acquire()
  for (let i = 0; i < 1000; i++) watch(pool.acquire())
  t.equal(pool.stats().waiting, 1000)
})
