import { once } from 'node:events'

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
  const { stats, threadIds, leases, waiters } = pool.snapshot()
  t.match(leases, [
    { label: 'GET /cart', threadId: 1, heldMs: 123, state: 'idle', stateMs: 123 },
    { label: 'job 5', threadId: 2, heldMs: 23, state: 'idle', stateMs: 23 },
  ])
  t.strictSame(waiters, [
    { label: 'GET /items', waitedMs: 3 },
    { label: '', waitedMs: 3 },
  ])
  t.strictSame(threadIds, [1, 2])
  t.match(stats, { name: 'shop', inUse: 2, waiting: 2, max: 2, effectiveMax: 2 })
})

void t.test('those that have held a connection for longest come first', async (t) => {
  const { pool, clock } = fakePool()
  await clock.run(pool.warm(3))
  const first = await pool.acquire({ label: 'first' })
  for (const label of ['second', 'third', 'fourth']) {
    await clock.advance(10)
    if (label === 'fourth') await clock.run(first.release())
    await clock.run(pool.acquire({ label }))
  }
  const labels = pool.snapshot().leases.map(({ label }) => label)
  t.strictSame(labels, ['second', 'third', 'fourth'])
})

void t.test('what a holder does, since when', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  const look = () => pool.snapshot().leases[0]!
  const previous = await clock.run(pool.acquire())
  await clock.run(previous.query("SELECT 'of another'"))
  await previous.release()
  await clock.advance(7)
  const lease = await clock.run(pool.acquire())
  await clock.advance(3)
  t.match(look(), { state: 'idle', stateMs: 3, statement: undefined, transactionMs: undefined })

  const sleeping = lease.query('SLEEP 50')
  await clock.advance(20)
  t.match(look(), { state: 'running', stateMs: 20, statement: 'SLEEP ?' })
  await clock.run(sleeping)
  await clock.advance(5)
  t.match(look(), { state: 'idle', stateMs: 5, statement: 'SLEEP ?' })

  await clock.run(lease.query('BEGIN'))
  await clock.advance(10)
  await clock.run(lease.query("UPDATE t SET a = 'secret'"))
  await clock.advance(2)
  t.match(look(), {
    state: 'transaction',
    stateMs: 2,
    transactionMs: 12,
    statement: 'UPDATE t SET a = ?',
  })
  await clock.run(lease.query('COMMIT'))
  t.match(look(), { state: 'idle', transactionMs: undefined })
})

void t.test('how the pool is, and what it was told', async (t) => {
  const { pool } = fakePool({ database: 'shop', password: 'canary', max: 7 })
  t.match(pool.snapshot(), {
    phase: 'open',
    target: 'db.test:3306',
    database: 'shop',
    settings: { max: 7, acquireTimeout: 10_000, hold: 'request' },
    trouble: undefined,
  })
  t.notMatch(JSON.stringify(pool.snapshot()), 'canary')
  pool.suspend()
  t.equal(pool.snapshot().phase, 'suspended')
  pool.resume()
  await pool.end()
  t.equal(pool.snapshot().phase, 'closed')
})

void t.test('the last one that was turned away, and when', async (t) => {
  const { pool, clock } = fakePool({ max: 1, acquireTimeout: 100, queueLimit: 1 })
  await clock.run(pool.acquire())
  t.equal(pool.snapshot().refusal, undefined)
  watch(pool.acquire())
  await t.rejects(pool.acquire(), { code: 'ERR_QUEUE_FULL' })
  await clock.advance(30)
  t.strictSame(pool.snapshot().refusal, { code: 'ERR_QUEUE_FULL', agoMs: 30 })
  await clock.advance(75)
  t.strictSame(pool.snapshot().refusal, { code: 'ERR_ACQUIRE_TIMEOUT', agoMs: 5 })
})

void t.test('the name of a scope whose label throws is empty', async (t) => {
  const { pool, clock } = fakePool()
  const scope = pool.openScope({
    label: () => {
      throw new Error('no route')
    },
  })
  await clock.run(scope.query('SELECT 1'))
  const warned = once(process, 'warning')
  t.equal(pool.snapshot().leases[0]?.label, '')
  t.match(await warned, [{ name: 'LifeguardWarning', message: /no route/ }])
})

void t.test('a lease that is released and waits for its COMMIT is still told of', async (t) => {
  const { pool, clock, server } = fakePool()
  const lease = await clock.run(pool.acquire({ label: 'POST /orders' }))
  const done = lease.transaction(async (tx) => {
    await tx.query('INSERT INTO t VALUES (1)')
    server.hangs.add('control')
  })
  done.catch(() => {})
  await clock.advance(1)
  const released = lease.release()
  t.match(pool.snapshot().leases, [{ label: 'POST /orders', statement: 'COMMIT' }])
  server.hangs.clear()
  await clock.advance(10_000)
  await released
  t.strictSame(pool.snapshot().leases, [])
})

void t.test('of a label that is very long, its beginning', async (t) => {
  const { pool, clock } = fakePool()
  await clock.run(pool.acquire({ label: 'x'.repeat(1000) }))
  t.equal(pool.snapshot().leases[0]?.label, 'x'.repeat(200))
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
