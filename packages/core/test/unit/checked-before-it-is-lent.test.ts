import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { watch } from '../support/rejection.ts'

const options = { min: 1, max: 5, checkAfterIdle: 500, checkTimeout: 200, healthCheckInterval: 0 }

/** Counts pings from now on. */
function countPings(server: { sessions: { ping(): Promise<void> }[] }): { count: number } {
  const pings = { count: 0 }
  for (const session of server.sessions) {
    const ping = session.ping.bind(session)
    session.ping = () => {
      pings.count++
      return ping()
    }
  }
  return pings
}

void t.test('a hot one is not pinged', async (t) => {
  const { pool, clock, server } = fakePool(options)
  await clock.advance(0)
  const pings = countPings(server)
  for (let i = 0; i < 5; i++) {
    await clock.advance(500)
    await (await pool.acquire()).release()
  }
  t.equal(pings.count, 0)
})

void t.test('one that was idle for longer is', async (t) => {
  const { pool, clock, server } = fakePool(options)
  await clock.advance(501)
  const pings = countPings(server)
  const lease = await clock.run(pool.acquire())
  t.equal(pings.count, 1)
  t.equal(lease.threadId, 1)
  t.equal(server.attempts, 1, 'no connect meanwhile')
})

void t.test('it was there before, so it counts as a hit', async (t) => {
  const { pool, clock } = fakePool(options, { pingMs: 3 })
  await clock.advance(10_000)
  await clock.run(pool.acquire())
  t.match(pool.stats(), { hits: 1, misses: 0 })
})

void t.test('what was pinged just now is hot, even where everything else is too old', async (t) => {
  const { pool, clock } = fakePool({ ...options, checkAfterIdle: 0 }, { pingMs: 2 })
  await clock.advance(50)
  const lease = await clock.run(pool.acquire())
  t.equal(clock.now(), 52)
  await lease.release()
})

void t.test('a dead one is replaced within the same acquire', async (t) => {
  const { pool, clock, server } = fakePool(options)
  await clock.advance(1000)
  const [old] = server.sessions
  old!.ping = () => {
    old!.die()
    return Promise.reject(new Error('gone'))
  }
  const lease = await clock.run(pool.acquire())
  t.equal(lease.threadId, 2)
  t.equal(pool.stats().evicted['connection lost'], 1)
})

void t.test('all dead: none of them is lent', async (t) => {
  const { pool, clock, server } = fakePool({ ...options, min: 5 })
  await clock.advance(1000)
  for (const session of server.sessions) session.ping = () => Promise.reject(new Error('gone'))
  const lease = await clock.run(pool.acquire())
  t.equal(lease.threadId, 6)
  t.ok(pool.stats().evicted['check failed'] >= 1)
})

void t.test('a ping that hangs has failed after checkTimeout', async (t) => {
  const { pool, clock, server } = fakePool(options)
  await clock.advance(1000)
  const [old] = server.sessions
  old!.ping = () => new Promise(() => {})
  const lease = await clock.run(pool.acquire())
  t.equal(clock.now(), 1200)
  t.equal(lease.threadId, 2)
  t.equal(pool.stats().evicted['check failed'], 1)
  t.ok(old!.destroyed, 'without a goodbye that would hang, too')
})

void t.test('as many are checked as wait, at the same time', async (t) => {
  const { pool, clock } = fakePool({ ...options, min: 5 }, { pingMs: 10 })
  await clock.advance(1000)
  const waiters = [1, 2, 3].map(() => watch(pool.acquire()))
  t.match(pool.stats(), { busy: 3, idle: 2, waiting: 3 })
  await clock.advance(10)
  t.ok(waiters.every(({ state }) => state === 'resolved'))
  t.match(pool.stats(), { busy: 0, idle: 2, inUse: 3 })
})
