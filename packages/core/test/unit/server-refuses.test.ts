import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection, watch } from '../support/rejection.ts'

const denied = 'ER_ACCESS_DENIED_ERROR'

void t.test('whoever waits is told at once, with the cause', async (t) => {
  const { pool, clock } = fakePool({ name: 'shop' }, { down: denied, connectMs: 5 })
  const errors = Array.from({ length: 10 }, () => rejection(pool.acquire()))
  await clock.advance(5)
  for (const error of await Promise.all(errors)) {
    t.equal(error.code, 'ERR_BREAKER_OPEN')
    t.equal((error.cause as { code: string }).code, denied)
    t.match(error.message, /^shop: db\.test:3306 refuses connections/)
  }
  t.equal(pool.stats().waiting, 0)
})

void t.test('while the pause lasts nobody asks the server', async (t) => {
  const { pool, clock, server } = fakePool({}, { down: denied })
  await rejection(pool.acquire())
  const { attempts } = server
  for (let i = 0; i < 10; i++) t.equal((await rejection(pool.acquire())).code, 'ERR_BREAKER_OPEN')
  t.equal(server.attempts, attempts)
  await clock.advance(1000)
  await rejection(pool.acquire())
  t.equal(server.attempts, attempts + 1, 'then one may try')
})

void t.test('it closes as soon as the server says yes', async (t) => {
  const { pool, clock, server } = fakePool({}, { down: denied })
  await rejection(pool.acquire())
  server.down = undefined
  await clock.advance(1000)
  await (await pool.acquire()).release()
  t.match(pool.stats(), { idle: 1, waiting: 0 })
})

void t.test('as long as a connection is there, waiters wait for it', async (t) => {
  const { pool, clock, server } = fakePool({ max: 5 })
  const lease = await pool.acquire()
  server.down = denied
  const waiting = pool.acquire()
  const seen = watch(waiting)
  await clock.advance(500)
  t.equal(seen.state, 'pending')
  await lease.release()
  t.equal((await waiting).threadId, 1)
})

void t.test('when the last one goes, they are told', async (t) => {
  const { pool, clock, server } = fakePool({ max: 1 })
  const lease = await pool.acquire()
  server.down = denied
  const waiting = rejection(pool.acquire())
  server.newest.die()
  await lease.release()
  t.equal((await clock.run(waiting)).code, 'ERR_BREAKER_OPEN')
  t.equal(clock.now() < 1100, true)
})
