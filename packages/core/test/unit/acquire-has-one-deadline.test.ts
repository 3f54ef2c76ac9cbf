import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection, watch } from '../support/rejection.ts'

void t.test('over waiting for a connection in use', async (t) => {
  const { pool, clock } = fakePool({ max: 1, acquireTimeout: 100 })
  const lease = await pool.acquire()
  const error = await clock.run(rejection(pool.acquire({ label: 'late' })))
  t.equal(error.code, 'ERR_ACQUIRE_TIMEOUT')
  t.match(error.message, 'no connection within 100 ms')
  t.equal(error.cause, undefined)
  t.equal(clock.now(), 100)
  t.match(pool.stats(), { timeouts: 1, waiting: 0, inUse: 1 })
  await lease.release()
  t.equal(pool.stats().idle, 1)
})

void t.test('over connecting, however long a connect may take', async (t) => {
  const { pool, clock, server } = fakePool({ acquireTimeout: 100, connectTimeout: 5000 })
  server.hangs.add('connect')
  const error = await clock.run(rejection(pool.acquire()))
  t.equal(error.code, 'ERR_ACQUIRE_TIMEOUT')
  t.equal(clock.now(), 100)
})

void t.test('over waiting, checking and connecting together', async (t) => {
  const { pool, clock, server } = fakePool({ max: 1, acquireTimeout: 100, checkTimeout: 50 })
  const lease = await pool.acquire()
  await clock.advance(1000)
  const acquiring = rejection(pool.acquire())
  // 20 ms of waiting for the release of a connection that settles for 20 ms and then dies.
  await clock.advance(20)
  server.hangs.add('connect')
  await lease.query('START TRANSACTION')
  server.hangs.add('control')
  const released = lease.release()
  await clock.advance(20)
  server.newest.die()
  await clock.run(released)
  const error = await clock.run(acquiring)
  t.equal(error.code, 'ERR_ACQUIRE_TIMEOUT')
  t.equal(clock.now(), 1100)
})

void t.test('a check that hangs does not prolong it', async (t) => {
  const { pool, clock, server } = fakePool({
    min: 1,
    max: 1,
    acquireTimeout: 100,
    checkTimeout: 2000,
  })
  await clock.advance(1000)
  server.hangs.add('ping')
  const error = await clock.run(rejection(pool.acquire()))
  t.equal(error.code, 'ERR_ACQUIRE_TIMEOUT')
  t.equal(clock.now(), 1100)
  await clock.advance(2000)
  t.match(pool.stats().evicted, { 'check failed': 1 })
  t.match(pool.stats(), { inUse: 0, waiting: 0, busy: 0 })
})

void t.test('an acquire of its own choice', async (t) => {
  const { pool, clock } = fakePool({ max: 1, acquireTimeout: 100 })
  await pool.acquire()
  const short = rejection(pool.acquire({ timeout: 10 }))
  const long = rejection(pool.acquire({ timeout: 500 }))
  await clock.run(short)
  t.equal(clock.now(), 10)
  await clock.run(long)
  t.equal(clock.now(), 500)
})

void t.test('nothing leaks when the connection comes in the moment of the deadline', async (t) => {
  for (const connectMs of [99.9, 100, 100.1]) {
    const { pool, clock, server } = fakePool({ acquireTimeout: 100 }, { connectMs })
    const acquiring = pool.acquire()
    const seen = watch(acquiring)
    await clock.advance(200)
    t.not(seen.state, 'pending')
    if (seen.state === 'resolved') await (await acquiring).release()
    t.match(
      pool.stats(),
      { idle: 1, inUse: 0, waiting: 0, connecting: 0, total: 1 },
      `${connectMs} ms`,
    )
    t.equal(server.live.length, 1)
  }
})

void t.test('nor when the release does', async (t) => {
  for (const useMs of [99.9, 100, 100.1]) {
    const { pool, clock } = fakePool({ max: 1, acquireTimeout: 100 })
    const using = pool.use((lease) => lease.query(`SLEEP ${useMs}`))
    const acquiring = pool.acquire()
    const seen = watch(acquiring)
    await clock.run(using)
    await clock.advance(10)
    t.not(seen.state, 'pending')
    if (seen.state === 'resolved') await (await acquiring).release()
    t.match(pool.stats(), { idle: 1, inUse: 0, waiting: 0, total: 1 }, `${useMs} ms`)
  }
})
