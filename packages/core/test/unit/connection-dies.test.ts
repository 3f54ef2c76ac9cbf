import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection } from '../support/rejection.ts'

void t.test('while idle: it is gone at once, and the minimum is filled again', async (t) => {
  const { pool, clock, server } = fakePool({ min: 2 })
  await clock.advance(1)
  server.sessions[0]!.die()
  t.equal(pool.stats().idle, 1)
  await clock.advance(1)
  t.match(pool.stats(), { idle: 2, total: 2, created: 3 })
  t.equal(pool.stats().evicted['connection lost'], 1)
})

void t.test('all at once', async (t) => {
  const { pool, clock, server } = fakePool({ min: 20, max: 20 })
  await clock.advance(1)
  for (const session of server.live) session.die()
  await clock.advance(1)
  t.match(pool.stats(), { idle: 20, total: 20 })
  t.equal(server.mostOpen, 20)
})

void t.test('while in use: found out when it comes back', async (t) => {
  const { pool, clock, server } = fakePool({ max: 1 })
  const lease = await pool.acquire()
  const running = rejection(lease.query('HANG'))
  server.newest.die()
  t.match(await running, { code: 'PROTOCOL_CONNECTION_LOST' }, "the driver's own error")
  t.equal(pool.stats().inUse, 1)
  await clock.run(lease.release())
  await clock.advance(1)
  t.match(pool.stats(), { inUse: 0, total: 0, released: 1 })
  t.equal(pool.stats().evicted['connection lost'], 1)
  t.strictSame(server.kills, [], 'nothing runs there any more')
})

void t.test('while settling', async (t) => {
  const { pool, clock, server } = fakePool({ max: 1 })
  const lease = await pool.acquire()
  await lease.query('START TRANSACTION')
  server.hangs.add('control')
  const released = lease.release()
  const waiting = pool.acquire()
  await clock.advance(10)
  server.hangs.delete('control')
  server.newest.die()
  await released
  t.equal((await clock.run(waiting)).threadId, 2)
  t.equal(pool.stats().evicted['connection lost'], 1)
})

void t.test('while it is checked', async (t) => {
  const { pool, clock, server } = fakePool({ min: 1, max: 1 }, { pingMs: 100 })
  await clock.advance(1000)
  const acquiring = pool.acquire()
  await clock.advance(10)
  server.newest.die()
  t.equal((await clock.run(acquiring)).threadId, 2)
  t.equal(clock.now(), 1010)
  t.match(pool.stats(), { inUse: 1, total: 1, busy: 0 })
})

void t.test('while it is closed', async (t) => {
  const { pool, clock, server } = fakePool({ maxUses: 1 }, { closeMs: 100 })
  await clock.run(pool.use(() => {}))
  await clock.advance(50)
  server.newest.die()
  await clock.advance(100)
  t.match(pool.stats(), { total: 0, busy: 0 })
})

void t.test('as soon as it is open', async (t) => {
  const { pool, clock, server } = fakePool()
  const { open } = server
  server.open = async (signal) => {
    const session = await open.call(server, signal)
    if (server.attempts === 1) session.die()
    return session
  }
  t.equal((await clock.run(pool.acquire())).threadId, 2)
  t.match(pool.stats(), { inUse: 1, total: 1 })
  t.equal(pool.stats().evicted['connection lost'], 1)
})

void t.test('who listens is told why', async (t) => {
  const { pool, clock, server } = fakePool({ min: 1, max: 1 })
  await clock.advance(1)
  const causes: unknown[] = []
  pool.on('evicted', ({ cause }) => causes.push(cause))
  const reason = new Error('the cable was pulled')
  server.newest.die(reason)
  await clock.advance(1000)
  server.newest.ping = () => Promise.reject(reason)
  await clock.run(pool.acquire())
  t.equal(causes[0], reason, 'died')
  t.equal(causes[1], reason, 'failed its check')
})
