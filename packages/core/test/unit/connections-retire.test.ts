import t from 'tap'

import type { Pool } from '#core/pool.js'

import { fakeEngine, fakePool } from '../support/fake-pool.ts'

const MINUTE = 60_000

/** Has so many connections opened, and idle. */
async function open(pool: Pool, count: number): Promise<void> {
  const leases = await Promise.all(Array.from({ length: count }, () => pool.acquire()))
  await Promise.all(leases.map((lease) => lease.release()))
}

void t.test('idle ones above the minimum are closed', async (t) => {
  const { pool, clock, server } = fakePool({ min: 2, max: 10, idleTimeout: MINUTE })
  await clock.run(open(pool, 10))
  await clock.advance(MINUTE * 0.9)
  t.equal(pool.stats().total, 10)
  await clock.advance(MINUTE * 0.2)
  t.equal(pool.stats().total, 2)
  t.equal(pool.stats().evicted['idle timeout'], 8)
  await clock.advance(10 * MINUTE)
  t.equal(server.live.length, 2, 'the minimum stays')
  t.equal(server.attempts, 10, 'and is not replaced')
})

void t.test('more idle ones than wanted are closed, the coldest first', async (t) => {
  const { pool, clock, server } = fakePool({ min: 0, max: 10, maxIdle: 3, idleTimeout: 0 })
  const leases = await clock.run(Promise.all(Array.from({ length: 10 }, () => pool.acquire())))
  await clock.advance(MINUTE)
  t.equal(pool.stats().total, 10, 'those in use stay')
  const hottest = leases.slice(-3).map(({ threadId }) => threadId)
  await Promise.all(leases.map((lease) => lease.release()))
  await clock.advance(6000)
  t.equal(pool.stats().total, 3)
  t.equal(pool.stats().evicted['max idle'], 7)
  t.same(
    server.live.map(({ threadId }) => threadId),
    hottest,
  )
})

void t.test('one in use is not idle', async (t) => {
  const { pool, clock } = fakePool({ idleTimeout: 1000 })
  const lease = await clock.run(pool.acquire())
  await clock.advance(10_000)
  await lease.release()
  t.equal(pool.stats().idle, 1)
  await clock.advance(1500)
  t.equal(pool.stats().total, 0)
})

void t.test('0 keeps them for ever', async (t) => {
  const options = { idleTimeout: 0, maxLifetime: 0, maxUses: 0, healthCheckInterval: 0 }
  const { pool, clock, server } = fakePool(options)
  await clock.run(open(pool, 5))
  await clock.advance(24 * 60 * MINUTE)
  t.equal(server.live.length, 5)
})

void t.test('lifetimes differ by up to 2.5 %, so that not all end at once', async (t) => {
  const maxLifetime = 30 * MINUTE
  let turn = 0
  const { engine, clock, server } = fakeEngine(
    { min: 10, maxLifetime },
    {},
    () => (turn++ % 10) / 10,
  )
  const started = clock.now()
  const ages = new Set<number>()
  engine.facts.on('evicted', ({ reason }) => {
    t.equal(reason, 'max lifetime')
    ages.add(clock.now() - started)
  })
  await clock.advance(maxLifetime * 0.975 - 1)
  t.equal(ages.size, 0)
  await clock.advance(maxLifetime * 0.025 + 5000)
  t.equal(server.live.length, 10, 'they are replaced')
  t.equal(server.sessions.length, 20)
  t.ok(ages.size >= 5, `in ${ages.size} rounds`)
})

void t.test('one in use ends when it comes back', async (t) => {
  const { pool, clock, server } = fakePool({ maxLifetime: MINUTE })
  const lease = await clock.run(pool.acquire())
  await clock.advance(2 * MINUTE)
  t.equal(server.live.length, 1)
  await lease.query('SELECT 1')
  await clock.run(lease.release())
  await clock.advance(0)
  t.equal(server.live.length, 0)
  t.equal(pool.stats().evicted['max lifetime'], 1)
})

void t.test('one that is too old is not lent', async (t) => {
  const { pool, clock, server } = fakePool({ maxLifetime: 50, healthCheckInterval: 0 })
  await clock.run(open(pool, 1))
  await clock.advance(51)
  t.equal((await clock.run(pool.acquire())).threadId, 2)
  t.ok(server.sessions[0]!.closed)
})

void t.test('after so many uses', async (t) => {
  const { pool, clock, server } = fakePool({ maxUses: 3 })
  for (let i = 0; i < 7; i++) {
    await clock.run(pool.use(() => {}))
    await clock.advance(0)
  }
  t.equal(server.attempts, 3)
  t.equal(pool.stats().evicted['max uses'], 2)
})

void t.test('idle ones are pinged, and dead ones replaced', async (t) => {
  const { pool, clock, server } = fakePool({ min: 3, healthCheckInterval: 1000 })
  await clock.advance(1)
  const pings = [0, 0, 0]
  for (const [i, session] of server.sessions.entries()) {
    session.ping = () => {
      pings[i]!++
      return i === 1 ? Promise.reject(new Error('gone')) : Promise.resolve()
    }
  }
  await clock.advance(1600)
  t.strictSame(pings, [1, 1, 1])
  t.equal(pool.stats().evicted['check failed'], 1)
  t.match(pool.stats(), { idle: 3, total: 3 })
  t.equal(server.attempts, 4)
  await clock.advance(5000)
  t.ok(pings[0]! >= 4 && pings[0]! <= 7, `${pings[0]} pings in 6.6 s`)
  t.equal(pings[1], 1)
})

void t.test('one that was used lately needs no such ping', async (t) => {
  const { pool, clock, server } = fakePool({
    min: 1,
    healthCheckInterval: 1000,
    checkAfterIdle: 500,
  })
  await clock.advance(1)
  const lease = await pool.acquire()
  let pings = 0
  server.newest.ping = () => {
    pings++
    return Promise.resolve()
  }
  await clock.advance(10_000)
  t.equal(pings, 0, 'not while it is in use')
  await lease.release()
})

void t.test('evictAll: idle ones now, the others when they come back', async (t) => {
  const { pool, clock, server } = fakePool({ min: 3, max: 5 })
  await clock.advance(1)
  const lease = await pool.acquire()
  pool.evictAll()
  await clock.advance(1)
  t.equal(pool.stats().evicted['evicted by the user'], 2)
  t.equal(server.live.length, 3, 'the minimum is filled again')
  await lease.query('SELECT 1')
  await lease.release()
  await clock.advance(1)
  t.equal(pool.stats().evicted['evicted by the user'], 3)
  t.ok(server.sessions.slice(0, 3).every(({ closed }) => closed))
  t.match(pool.stats(), { idle: 3, total: 3 })
})

void t.test('a lease can throw its connection away', async (t) => {
  const { pool, clock, server } = fakePool()
  const lease = await clock.run(pool.acquire())
  await lease.destroy()
  await clock.advance(1)
  t.equal(server.live.length, 0)
  t.equal(pool.stats().evicted['evicted by the user'], 1)
  t.match(pool.stats(), { acquired: 1, released: 1, total: 0 })
})

void t.test('a connection that is closed well is told goodbye', async (t) => {
  const { pool, clock, server } = fakePool({ idleTimeout: 100 })
  await clock.run(open(pool, 1))
  await clock.advance(500)
  t.strictSame(server.newest.log, ['close'])
  t.notOk(server.newest.destroyed)
})
