import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { watch } from '../support/rejection.ts'

void t.test('a snapshot names both, with their times', async (t) => {
  const { pool, clock } = fakePool({ name: 'shop', max: 2 })
  await clock.run(pool.acquire({ label: 'GET /cart' }))
  await clock.advance(100)
  const scope = pool.openScope({ label: 'job 5' })
  await clock.run(scope.query('SELECT 1'))
  await clock.advance(20)
  watch(pool.acquire({ label: 'GET /items' }))
  watch(pool.acquire())
  await clock.advance(3)
  const { stats, leases, waiters } = pool.snapshot()
  t.strictSame(leases, [
    { label: 'GET /cart', threadId: 1, heldMs: 123, suspected: false, stack: undefined },
    { label: 'job 5', threadId: 2, heldMs: 23, suspected: false, stack: undefined },
  ])
  t.strictSame(waiters, [
    { label: 'GET /items', waitedMs: 3 },
    { label: '', waitedMs: 3 },
  ])
  t.match(stats, { name: 'shop', inUse: 2, waiting: 2, max: 2, effectiveMax: 2 })
})

void t.test('it does not change any more', async (t) => {
  const { pool } = fakePool()
  const before = pool.snapshot()
  await pool.acquire()
  t.strictSame(before.leases, [])
  t.equal(before.stats.acquired, 0)
  t.equal(before.stats.reuseRate, 1)
})

void t.test('how long acquires, uses and connects took', async (t) => {
  const { pool, clock } = fakePool({ max: 1 }, { connectMs: 30 })
  const uses = [1, 2].map(() => pool.use((lease) => lease.query('SLEEP 40')))
  await clock.run(Promise.all(uses))
  const { wait, use, connect } = pool.stats()
  t.match(wait, { count: 2, sumMs: 30 + 70, maxMs: 70 })
  t.match(use, { count: 2, sumMs: 80, maxMs: 40 })
  t.match(connect, { count: 1, sumMs: 30, maxMs: 30 })
})
