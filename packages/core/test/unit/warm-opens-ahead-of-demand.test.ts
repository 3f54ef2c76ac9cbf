import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection } from '../support/rejection.ts'

void t.test('resolves when so many are there', async (t) => {
  const { pool, clock, server } = fakePool({ max: 50 }, { connectMs: 100 })
  await clock.run(pool.warm(20))
  t.match(pool.stats(), { idle: 20, inUse: 0, waiting: 0 })
  t.equal(server.attempts, 20)
  t.ok(clock.now() <= 300, `took ${clock.now()} ms`)
})

void t.test('those that are there already count', async (t) => {
  const { pool, clock, server } = fakePool({ min: 5, max: 50 })
  await clock.advance(1)
  await clock.run(pool.warm(8))
  t.equal(server.attempts, 8)
  t.equal(pool.stats().idle, 8)
})

void t.test('no more than the maximum', async (t) => {
  const { pool, clock, server } = fakePool({ max: 3 })
  await clock.run(pool.warm(100))
  t.equal(server.attempts, 3)
})

void t.test('rejects where it fails, and keeps what it got', async (t) => {
  const { pool, clock } = fakePool({ acquireTimeout: 1000 }, { capacity: 3 })
  const error = await clock.run(rejection(pool.warm(5)))
  t.equal(error.code, 'ERR_ACQUIRE_TIMEOUT')
  t.match(error.cause, { code: 'ER_CON_COUNT_ERROR' })
  t.match(pool.stats(), { idle: 3, inUse: 0, waiting: 0 })
})
