import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { watch } from '../support/rejection.ts'
import { flush } from '../support/virtual-clock.ts'

void t.test('a free connection is lent at once', async (t) => {
  const { pool, clock, server } = fakePool({ min: 1 })
  await clock.advance(0)
  const lease = await pool.acquire({ label: 'first' })
  t.equal(server.attempts, 1)
  t.equal(lease.threadId, 1)
  t.match(pool.stats(), { inUse: 1, idle: 0, waiting: 0, hits: 1, misses: 0 })
  await lease.release()
  t.match(pool.stats(), { inUse: 0, idle: 1, acquired: 1, released: 1 })
})

void t.test('waiters are served in the order in which they came', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  const order: number[] = []
  const uses = Array.from({ length: 5 }, (_, i) =>
    pool.use(async (lease) => {
      order.push(i)
      await lease.query('SLEEP 5')
    }),
  )
  await clock.run(Promise.all(uses))
  t.strictSame(order, [0, 1, 2, 3, 4])
  t.equal(clock.now(), 25)
})

void t.test('who comes later never overtakes who waits', async (t) => {
  const { pool, clock, server } = fakePool({ min: 1, max: 1, checkAfterIdle: 100 }, { pingMs: 20 })
  await clock.advance(1000)
  // It was idle for so long that it is checked first, and comes back hot while somebody waits for it.
  const first = watch(pool.acquire({ label: 'first' }))
  t.equal(pool.stats().waiting, 1)
  await clock.advance(10)
  const second = watch(pool.acquire({ label: 'second' }))
  await clock.advance(10)
  t.equal(first.state, 'resolved')
  t.equal(second.state, 'pending')
  t.equal(server.attempts, 1)
})

void t.test('not even in the very moment of a release', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  const lease = await clock.run(pool.acquire())
  const waiter = watch(pool.acquire())
  const released = lease.release()
  const late = watch(pool.acquire())
  await released
  await flush()
  t.equal(waiter.state, 'resolved')
  t.equal(late.state, 'pending')
})

void t.test('a release serves who waits while connects are under way', async (t) => {
  const { pool, clock, server } = fakePool({ max: 5 })
  const lease = await clock.run(pool.acquire())
  server.connectMs = 150
  const first = pool.acquire()
  const second = watch(pool.acquire())
  await clock.advance(5)
  t.equal(server.connecting, 1)
  await lease.release()
  t.equal((await first).threadId, 1)
  t.equal(second.state, 'pending')
  await clock.advance(150)
  t.equal(second.state, 'resolved', 'the connect serves whoever is first when it is done')
})

void t.test('connects that nobody needs any more are not started', async (t) => {
  const { pool, clock, server } = fakePool({ min: 1, max: 10 })
  const lease = await clock.run(pool.acquire())
  server.connectMs = 50
  const abort = new AbortController()
  const waiters = Array.from({ length: 6 }, () => watch(pool.acquire({ signal: abort.signal })))
  await clock.advance(5)
  t.equal(server.connecting, 1)
  abort.abort()
  await clock.advance(500)
  t.equal(server.attempts, 2)
  t.ok(waiters.every(({ state }) => state === 'rejected'))
  t.match(pool.stats(), { idle: 1, inUse: 1, waiting: 0 }, 'the one that was begun is kept')
  await lease.release()
})

void t.test('the hottest connection goes first', async (t) => {
  const { pool, clock } = fakePool({ max: 3 })
  const leases = await clock.run(Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]))
  const [, b] = leases
  const hot = b.threadId
  for (const lease of leases) if (lease !== b) await lease.release()
  await b.release()
  t.equal((await pool.acquire()).threadId, hot)
})
