import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection, watch } from '../support/rejection.ts'

void t.test('closes what is idle, then what kills', async (t) => {
  const { pool, clock, server } = fakePool({ min: 3 })
  await clock.advance(1)
  let ended = false
  pool.on('ended', () => {
    ended = true
  })
  const report = await clock.run(pool.end())
  t.strictSame(report, { cut: [] })
  t.equal(server.live.length, 0)
  t.ok(server.closed)
  t.ok(ended)
  t.ok(server.sessions.every(({ log }) => log.at(-1) === 'close'))
  t.equal(pool.stats().evicted['pool closed'], 3)
  t.equal(clock.timers, 0, 'nothing keeps the process alive')
})

void t.test('a pool that was never used', async (t) => {
  const { pool, clock, server } = fakePool()
  await clock.run(pool.end())
  t.equal(server.attempts, 0)
  t.equal(clock.timers, 0)
})

void t.test('waits for leases, and lets who waits already have its turn', async (t) => {
  const { pool, clock, server } = fakePool({ max: 1 })
  const lease = await pool.acquire()
  const waiting = pool.acquire()
  const ending = pool.end()
  const seen = watch(ending)
  await clock.advance(1000)
  t.equal(seen.state, 'pending')
  await lease.query('SELECT 1')
  await lease.release()
  const second = await waiting
  await clock.advance(1000)
  t.equal(seen.state, 'pending')
  await second.release()
  t.strictSame(await clock.run(ending), { cut: [] })
  t.equal(clock.now(), 2000)
  t.equal(server.live.length, 0)
})

void t.test('at the deadline the rest is cut, and told by name', async (t) => {
  const { pool, clock, server } = fakePool({ max: 3 })
  const idler = await pool.acquire({ label: 'GET /cart' })
  await idler.query('BEGIN')
  const runner = await pool.acquire({ label: 'report' })
  const running = rejection(runner.query('HANG'))
  await pool.acquire()
  const waiting = rejection(pool.acquire())
  const cut: string[][] = []
  pool.on('cut', ({ labels }) => cut.push([...labels]))
  const report = await clock.run(pool.end({ deadline: 500 }))
  t.strictSame([...report.cut].toSorted(), ['GET /cart', 'report', 'unnamed'])
  t.strictSame(cut, [[...report.cut]])
  t.ok(clock.now() >= 500 && clock.now() < 1000)
  t.equal((await running).code, 'ERR_POOL_CLOSED')
  t.equal((await waiting).code, 'ERR_POOL_CLOSED')
  t.equal((await rejection(idler.query('SELECT 1'))).code, 'ERR_POOL_CLOSED')
  t.equal(server.live.length, 0)
  t.match(server.kills, [{ what: 'query' }])
  t.strictSame(server.sessions[0]!.log, ['BEGIN', 'ROLLBACK', 'close'])
  t.match(pool.stats(), { acquired: 3, released: 3, inUse: 0, waiting: 0, total: 0 })
})

void t.test('a second end is the same end', async (t) => {
  const { pool, clock } = fakePool({ min: 1 })
  const ending = pool.end({ deadline: 100 })
  t.equal(pool.end({ deadline: 5 }), ending)
  await clock.run(ending)
  t.equal(pool.end(), ending)
  await pool[Symbol.asyncDispose]()
})

void t.test('while it closes and when it is closed, acquire says so', async (t) => {
  const { pool, clock } = fakePool({ name: 'shop' })
  const lease = await pool.acquire()
  const ending = pool.end()
  const closing = await rejection(pool.acquire())
  t.equal(closing.code, 'ERR_POOL_CLOSING')
  t.equal(closing.statusCode, 503)
  t.equal((await rejection(pool.query('SELECT 1'))).code, 'ERR_POOL_CLOSING')
  t.equal((await rejection(pool.warm(1))).code, 'ERR_POOL_CLOSING')
  await lease.release()
  await clock.run(ending)
  for (const use of [
    pool.acquire(),
    pool.query('SELECT 1'),
    pool.use(() => {}),
    pool.transaction(() => {}),
  ]) {
    t.equal((await rejection(use)).code, 'ERR_POOL_CLOSED')
  }
})

void t.test('a request that is under way may finish its work', async (t) => {
  const { pool, clock } = fakePool({ max: 2 })
  const scope = pool.openScope({ hold: 'transaction' })
  await clock.run(scope.query('SELECT 1'))
  const blocker = await pool.acquire()
  const ending = pool.end()
  await clock.run(scope.transaction((tx) => tx.query('INSERT')))
  await scope.end()
  await blocker.release()
  t.strictSame(await clock.run(ending), { cut: [] })
})

void t.test('a new one may not begin', async (t) => {
  const { pool, clock } = fakePool({ max: 2 })
  const lease = await pool.acquire()
  const ending = pool.end()
  const begin = async (work: Promise<unknown>): Promise<string | undefined> =>
    work.then(
      () => 'let in',
      (error: { code?: string }) => error.code,
    )
  t.equal(await begin(pool.transaction(() => {})), 'ERR_POOL_CLOSING')
  t.equal(await begin(pool.scope({}, (scope) => scope.query('SELECT 1'))), 'ERR_POOL_CLOSING')
  await lease.release()
  await clock.run(ending)
})

void t.test('while connecting: nothing is left behind', async (t) => {
  const { pool, clock, server } = fakePool({ min: 5 }, { connectMs: 1000 })
  await clock.advance(100)
  t.equal(server.connecting, 5)
  await clock.run(pool.end())
  t.equal(clock.now(), 100)
  t.equal(server.connecting, 0)
  await clock.advance(5000)
  t.equal(server.live.length, 0)
  t.equal(server.attempts, 5)
  t.equal(pool.stats().connectFailures, 0, 'a connect that the end called off has not failed')
})

void t.test('a connector that does not heed the signal', async (t) => {
  const { pool, clock, server } = fakePool({ min: 2 })
  await clock.advance(1)
  const { open } = server
  server.open = () => open.call(server, new AbortController().signal)
  server.connectMs = 300
  pool.evictAll()
  await clock.advance(1)
  t.equal(server.connecting, 2)
  await clock.run(pool.end())
  t.equal(server.live.length, 0)
  t.equal(pool.stats().total, 0)
})

void t.test('while a connection settles or is checked', async (t) => {
  const { pool, clock, server } = fakePool({ min: 2, max: 2, healthCheckInterval: 1000 })
  await clock.advance(1)
  const lease = await pool.acquire()
  await lease.query('BEGIN')
  server.hangs.add('control')
  const released = lease.release()
  server.pingMs = 1500
  await clock.advance(1200)
  t.equal(pool.stats().busy, 2)
  const ending = pool.end({ deadline: 100 })
  await clock.run(ending)
  await released
  t.equal(server.live.length, 0)
  t.equal(pool.stats().total, 0)
})

void t.test('a goodbye that hangs does not hold it up for long', async (t) => {
  const { pool, clock, server } = fakePool({ min: 3 })
  await clock.advance(0)
  server.hangs.add('close')
  await clock.run(pool.end())
  t.equal(clock.now(), 1000)
  t.ok(server.sessions.every(({ destroyed }) => destroyed))
})

void t.test('a dead server does not hold it up', async (t) => {
  const { pool, clock } = fakePool({ min: 3 }, { down: 'ECONNREFUSED' })
  await clock.advance(1000)
  const waiting = rejection(pool.acquire())
  await clock.run(pool.end({ deadline: 200 }))
  t.equal(clock.now(), 1200)
  t.equal((await waiting).code, 'ERR_POOL_CLOSED')
  t.equal(clock.timers, 0)
})
