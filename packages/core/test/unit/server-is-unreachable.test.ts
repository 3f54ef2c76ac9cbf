import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection, watch } from '../support/rejection.ts'

void t.test(
  '200 waiters at a dead server make few attempts, and all learn the reason',
  async (t) => {
    const { pool, clock, server } = fakePool({ acquireTimeout: 10_000 }, { down: 'ECONNREFUSED' })
    const errors = await clock.run(
      Promise.all(Array.from({ length: 200 }, () => rejection(pool.acquire()))),
    )
    t.ok(errors.every(({ code }) => code === 'ERR_ACQUIRE_TIMEOUT'))
    t.ok(errors.every(({ cause }) => (cause as { code: string }).code === 'ECONNREFUSED'))
    t.ok(
      errors.every(({ message }) => !message.includes('ECONNREFUSED')),
      'text of others stays out',
    )
    t.equal(clock.now(), 10_000)
    // 10, 20, … 500 ms at the least, and then twice a second.
    t.ok(server.attempts <= 26, `${server.attempts} attempts`)
    t.ok(server.attempts >= 10, `${server.attempts} attempts`)
    t.equal(server.mostConnecting, 1)
    t.match(pool.stats(), { timeouts: 200, waiting: 0, total: 0, connectFailures: server.attempts })
  },
)

void t.test('a burst of connects that fails at once is one failure', async (t) => {
  const { pool, clock, server } = fakePool({ min: 20 }, { down: 'ECONNREFUSED' })
  await clock.advance(5)
  t.equal(server.attempts, 20)
  server.down = undefined
  await clock.advance(100)
  t.equal(pool.stats().total, 20, 'back within the first short pauses')
})

void t.test('waiters are served when the server is back', async (t) => {
  const { pool, clock, server } = fakePool({ acquireTimeout: 5000 }, { down: 'ETIMEDOUT' })
  const waiting = Promise.all(Array.from({ length: 20 }, () => pool.acquire()))
  await clock.advance(3000)
  server.down = undefined
  const leases = await clock.run(waiting)
  t.ok(clock.now() <= 4100, `found after ${clock.now() - 3000} ms`)
  for (const lease of leases) await lease.release()
  t.match(pool.stats(), { timeouts: 0, inUse: 0, acquired: 20, released: 20 })
})

void t.test('a release serves who waits while connects fail', async (t) => {
  const { pool, clock, server } = fakePool()
  const lease = await pool.acquire()
  server.down = 'ECONNREFUSED'
  const waiting = pool.acquire()
  await clock.advance(100)
  t.ok(server.attempts > 1)
  await lease.release()
  t.equal((await waiting).threadId, 1)
})

void t.test('nobody asks, so nobody tries', async (t) => {
  const { pool, clock, server } = fakePool({ acquireTimeout: 100 }, { down: 'ECONNREFUSED' })
  await clock.run(rejection(pool.acquire()))
  const { attempts } = server
  await clock.advance(60_000)
  t.equal(server.attempts, attempts)
})

void t.test('the minimum is tried for again and again', async (t) => {
  const { pool, clock, server } = fakePool({ min: 3 }, { down: 'ECONNREFUSED' })
  await clock.advance(30_000)
  t.ok(server.attempts > 10 && server.attempts < 100, `${server.attempts} attempts`)
  server.down = undefined
  await clock.advance(1100)
  t.equal(pool.stats().idle, 3)
})

void t.test('a connect that takes too long is given up', async (t) => {
  const { pool, clock, server } = fakePool({ connectTimeout: 100, acquireTimeout: 1000 })
  server.hangs.add('connect')
  const seen = watch(pool.acquire())
  await clock.advance(100)
  t.equal(server.connecting, 0, 'the attempt was aborted')
  t.equal(pool.stats().connectFailures, 1)
  server.hangs.delete('connect')
  await clock.advance(50)
  t.equal(seen.state, 'resolved')
})

void t.test('a session that comes too late is closed', async (t) => {
  const { pool, clock, server } = fakePool({ connectTimeout: 100, acquireTimeout: 150 })
  const { open } = server
  // A connector that does not heed the signal.
  server.open = () => open.call(server, new AbortController().signal)
  server.connectMs = 200
  const seen = watch(pool.acquire())
  await clock.advance(1000)
  t.equal(seen.state, 'rejected')
  t.equal(server.live.length, 0)
  t.ok(server.sessions.length > 0)
  t.ok(server.sessions.every(({ destroyed }) => destroyed))
  t.equal(pool.stats().total, 0)
})

void t.test('who listens is told', async (t) => {
  const { pool, clock } = fakePool({ acquireTimeout: 100 }, { down: 'ECONNREFUSED' })
  const seen: string[] = []
  pool.on('connectFailed', ({ error }) => seen.push((error as { code?: string }).code ?? ''))
  pool.on('acquireTimedOut', ({ label, waitMs }) => seen.push(`${label} ${waitMs}`))
  await clock.run(rejection(pool.acquire({ label: 'job' })))
  t.equal(seen[0], 'ECONNREFUSED')
  t.equal(seen.at(-1), 'job 100')
})
