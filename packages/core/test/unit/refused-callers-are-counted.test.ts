import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection, watch } from '../support/rejection.ts'

const NONE = { ERR_QUEUE_FULL: 0, ERR_BREAKER_OPEN: 0, ERR_POOL_DEADLOCK: 0 }

void t.test('where too many wait', async (t) => {
  const { pool, clock } = fakePool({ max: 1, queueLimit: 0 })
  t.strictSame(pool.stats().refused, NONE)
  const lease = await clock.run(pool.acquire())
  for (let i = 0; i < 3; i++) await rejection(pool.acquire())
  t.strictSame(pool.stats().refused, { ...NONE, ERR_QUEUE_FULL: 3 })
  t.equal(pool.stats().timeouts, 0)
  await lease.release()
})

void t.test('where the server refuses: those who wait, and those who come', async (t) => {
  const { pool, clock } = fakePool({ max: 5 }, { down: 'ER_ACCESS_DENIED_ERROR', connectMs: 5 })
  const waiting = Array.from({ length: 4 }, () => rejection(pool.acquire()))
  await clock.advance(5)
  await Promise.all(waiting)
  t.strictSame(pool.stats().refused, { ...NONE, ERR_BREAKER_OPEN: 4 })
  await rejection(pool.acquire())
  t.strictSame(pool.stats().refused, { ...NONE, ERR_BREAKER_OPEN: 5 })
})

void t.test('where scopes wait for one another', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  const scope = pool.openScope()
  await clock.run(scope.query('SELECT 1'))
  await clock.run(rejection(scope.acquire()))
  t.strictSame(pool.stats().refused, { ...NONE, ERR_POOL_DEADLOCK: 1 })
  t.match(pool.snapshot().refusal, { code: 'ERR_POOL_DEADLOCK' })
  await scope.end()
})

void t.test('not who leaves, nor who comes when the pool has ended', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  await clock.run(pool.acquire())
  const leaver = new AbortController()
  const left = rejection(pool.acquire({ signal: leaver.signal }))
  watch(pool.acquire())
  leaver.abort()
  await left
  await clock.run(pool.end({ deadline: 10 }))
  await rejection(pool.acquire())
  t.strictSame(pool.stats().refused, NONE)
})
