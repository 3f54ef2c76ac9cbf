import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection, watch } from '../support/rejection.ts'

void t.test('the one that closes the circle is told at once, and by whom', async (t) => {
  const { pool, clock } = fakePool({ name: 'shop', max: 2 })
  const a = pool.openScope({ label: 'GET /a' })
  const b = pool.openScope({ label: 'GET /b' })
  await clock.run(Promise.all([a.query('SELECT 1'), b.query('SELECT 1')]))
  const first = watch(a.acquire())
  await clock.advance(10)
  t.equal(first.state, 'pending', 'b may still end')
  const error = await clock.run(rejection(b.acquire()))
  t.equal(error.code, 'ERR_POOL_DEADLOCK')
  t.match(error.message, /^shop: .*GET \/a, GET \/b/)
  t.equal(clock.now(), 10)
  await b.end()
  await clock.advance(0)
  t.equal(first.state, 'resolved', 'its end serves the other one')
  await a.end()
  t.match(pool.stats(), { inUse: 0, waiting: 0, idle: 2 })
})

void t.test('a scope alone with the last connection', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  const work = pool.scope({ label: 'job' }, async (scope) => {
    await scope.query('SELECT 1')
    await scope.acquire()
  })
  t.equal((await clock.run(rejection(work))).code, 'ERR_POOL_DEADLOCK')
  t.match(pool.stats(), { idle: 1, inUse: 0 })
})

void t.test('no false alarm while a statement runs, which may free one', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  const scope = pool.openScope()
  const lease = await clock.run(scope.acquire())
  const releasing = lease.query('SLEEP 500').then(() => lease.release())
  const second = watch(scope.acquire())
  await clock.advance(490)
  t.equal(second.state, 'pending')
  await clock.run(releasing)
  await clock.advance(0)
  t.equal(second.state, 'resolved')
  await scope.end()
})

void t.test('but soon after it has ended without freeing any', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  const scope = pool.openScope()
  await clock.run(scope.query('SELECT 1'))
  const running = scope.query('SLEEP 500')
  const second = rejection(scope.acquire())
  await clock.run(running)
  t.equal((await clock.run(second)).code, 'ERR_POOL_DEADLOCK')
  t.ok(clock.now() <= 600, `after ${clock.now()} ms`)
  await scope.end()
})

void t.test('no false alarm while somebody outside of all scopes has a connection', async (t) => {
  const { pool, clock } = fakePool({ max: 2 })
  const free = await pool.acquire()
  const scope = pool.openScope()
  await clock.run(scope.query('SELECT 1'))
  const second = watch(scope.acquire())
  await clock.advance(1000)
  t.equal(second.state, 'pending')
  await free.release()
  await clock.advance(0)
  t.equal(second.state, 'resolved')
  await scope.end()
})

void t.test('nor while a connection is on its way, or may be opened', async (t) => {
  const { pool, clock, server } = fakePool({ max: 2 })
  const scope = pool.openScope()
  await clock.run(scope.query('SELECT 1'))
  server.connectMs = 500
  const second = watch(scope.acquire())
  await clock.advance(400)
  t.equal(second.state, 'pending')
  await clock.advance(200)
  t.equal(second.state, 'resolved')
  await scope.end()
})

void t.test('where the server has no more connections than those', async (t) => {
  const { pool, clock } = fakePool({ max: 5 }, { capacity: 1 })
  const scope = pool.openScope()
  await clock.run(scope.query('SELECT 1'))
  const error = await clock.run(rejection(scope.acquire()))
  t.equal(error.code, 'ERR_POOL_DEADLOCK')
  await scope.end()
})

void t.test('a scope in a scope', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  const work = pool.scope({ label: 'outer' }, async (outer) => {
    await outer.query('SELECT 1')
    await pool.scope({ label: 'inner' }, (inner) => inner.query('SELECT 2'))
  })
  const error = await clock.run(rejection(work))
  t.equal(error.code, 'ERR_POOL_DEADLOCK')
})

void t.test(
  'no false alarm for one that was opened in another, which goes its own way',
  async (t) => {
    const { pool, clock } = fakePool({ max: 1 })
    const outer = pool.openScope({ label: 'GET /a' })
    await clock.run(outer.query('SELECT 1'))
    // As adapters do, where a request is served in the context of an earlier one.
    const inner = outer.run(() => pool.openScope({ label: 'GET /b' }))
    const waiting = watch(inner.query('SELECT 2'))
    await clock.advance(100)
    t.equal(waiting.state, 'pending')
    await outer.end()
    await clock.advance(0)
    t.equal(waiting.state, 'resolved')
    await inner.end()
  },
)
