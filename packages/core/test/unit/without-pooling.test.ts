import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { watch } from '../support/rejection.ts'

void t.test('each lease opens its own connection, and closes it', async (t) => {
  const { pool, clock, server } = fakePool({ enabled: false }, { connectMs: 1 })
  for (let i = 1; i <= 3; i++) {
    const lease = await clock.run(pool.acquire())
    t.equal(lease.threadId, i)
    await lease.query('BEGIN')
    await clock.run(lease.release())
    await clock.advance(0)
    t.equal(server.live.length, 0)
    t.strictSame(server.newest.log, ['BEGIN', 'ROLLBACK', 'close'], 'settled as ever')
  }
  t.equal(pool.stats().evicted['not pooled'], 3)
  t.match(pool.stats(), { acquired: 3, released: 3, hits: 0, misses: 3, total: 0 })
})

void t.test('nothing is kept open', async (t) => {
  const { pool, clock, server } = fakePool({ enabled: false, min: 5 })
  await clock.advance(60_000)
  t.equal(server.attempts, 0)
  t.equal(pool.stats().total, 0)
})

void t.test('nobody waits for somebody else, so connects all start at once', async (t) => {
  const { pool, clock, server } = fakePool({ enabled: false, max: 20 }, { connectMs: 50 })
  const uses = Array.from({ length: 10 }, () => pool.use((lease) => lease.query('SLEEP 10')))
  t.equal(server.connecting, 10)
  await clock.run(Promise.all(uses))
  t.equal(clock.now(), 60)
})

void t.test('never more than max', async (t) => {
  const { pool, clock, server } = fakePool({ enabled: false, max: 2 })
  const first = await clock.run(pool.acquire())
  await clock.run(pool.acquire())
  const third = watch(pool.acquire())
  await clock.advance(10)
  t.equal(third.state, 'pending')
  await clock.run(first.release())
  await clock.advance(0)
  t.equal(third.state, 'resolved')
  t.equal(server.mostOpen, 2)
})
