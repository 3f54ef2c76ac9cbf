import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection, watch } from '../support/rejection.ts'

void t.test('none before its first statement', async (t) => {
  const { pool, clock, server } = fakePool()
  await clock.run(pool.scope({}, () => 'nothing to do'))
  t.equal(server.attempts, 0)
  const scope = pool.openScope()
  t.notOk(scope.holding)
  await scope.query('SELECT 1')
  t.ok(scope.holding)
  await scope.end()
  t.notOk(scope.holding)
  t.match(pool.stats(), { idle: 1, acquired: 1, released: 1 })
})

void t.test('one for all statements, whoever sends them', async (t) => {
  const { pool, clock, server } = fakePool({}, { connectMs: 10 })
  await clock.run(
    pool.scope({}, async (scope) => {
      await Promise.all([
        scope.query('SELECT 1'),
        pool.query('SELECT 2'),
        scope.execute('SELECT 3'),
      ])
      await pool.query('SELECT 4')
      t.equal(pool.currentScope, scope)
      t.equal(pool.stats().inUse, 1)
    }),
  )
  t.equal(pool.currentScope, undefined)
  t.equal(server.attempts, 1)
  t.strictSame(server.newest.log, ['SELECT 1', 'SELECT 2', 'SELECT 3', 'SELECT 4'])
  t.match(pool.stats(), { acquired: 1, released: 1 })
})

void t.test('one again, after it has waited in vain', async (t) => {
  const { pool, clock } = fakePool({ max: 1, acquireTimeout: 100 })
  const lease = await clock.run(pool.acquire())
  const scope = pool.openScope()
  const errors = Promise.all([1, 2].map(() => rejection(scope.query('SELECT 1'))))
  await clock.advance(100)
  for (const error of await errors) t.match(error, { code: 'ERR_ACQUIRE_TIMEOUT' })
  await lease.release()
  await clock.run(scope.query('SELECT 2'))
  t.match(pool.stats(), { inUse: 1, acquired: 2, timeouts: 1 })
  await scope.end()
})

void t.test('the session lasts as long as the scope', async (t) => {
  const { pool, clock, server } = fakePool()
  await clock.run(
    pool.scope({}, async () => {
      await pool.query('SET @a = 1')
      await clock.advance(1000)
      await pool.query('SELECT @a')
    }),
  )
  t.strictSame(server.newest.log, ['SET @a = 1', 'SELECT @a', 'reset'])
})

void t.test('others beside it, if it acquires them', async (t) => {
  const { pool, clock } = fakePool()
  await clock.run(
    pool.scope({ label: 'GET /cart' }, async (scope) => {
      await scope.query('SELECT 1')
      const second = await pool.acquire()
      const third = await scope.acquire({ label: 'own name' })
      t.strictSame(
        pool.snapshot().leases.map(({ label }) => label),
        ['GET /cart', 'GET /cart', 'own name'],
      )
      await second.release()
      t.equal(pool.stats().inUse, 2)
      t.notOk(third.released)
    }),
  )
  t.match(pool.stats(), { inUse: 0, acquired: 3, released: 3 })
})

void t.test('given back early, taken again', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  const scope = pool.openScope()
  await clock.run(scope.query('SELECT 1'))
  await scope.release()
  t.equal(pool.stats().idle, 1)
  await scope.release()
  await clock.run(scope.query('SELECT 2'))
  t.equal(pool.stats().inUse, 1)
  await scope.end()
  t.match(pool.stats(), { acquired: 2, released: 2, idle: 1 })
})

void t.test('but not in the middle of a transaction', async (t) => {
  const { pool, clock } = fakePool()
  const scope = pool.openScope({ label: 'GET /cart' })
  await clock.run(
    scope.transaction(async () => {
      await t.rejects(scope.release(), { code: 'ERR_OPTIONS', message: /transaction.*GET \/cart/ })
    }),
  )
  await scope.release()
  t.equal(pool.stats().idle, 1)
})

void t.test('a label that is a function is asked whenever it is needed', async (t) => {
  const { pool, clock } = fakePool()
  let asked = 0
  const label = () => `job ${++asked}`
  const unused = pool.openScope({ label })
  await unused.end()
  t.equal(asked, 0)
  const scope = pool.openScope({ label })
  await clock.run(scope.query('SELECT 1'))
  t.equal(scope.label, 'job 1')
  t.match(pool.snapshot().leases, [{ label: 'job 2' }], 'it may know more by now')
  await scope.end()
})

void t.test("hold: 'transaction' holds nothing between statements", async (t) => {
  const { pool, clock, server } = fakePool({ max: 1 })
  await clock.run(
    pool.scope({ hold: 'transaction' }, async (scope) => {
      await pool.query('SELECT 1')
      t.match(pool.stats(), { inUse: 0, idle: 1 })
      await scope.transaction(async (tx) => {
        await tx.query('INSERT')
        await pool.query('SELECT 2')
        t.equal(pool.stats().inUse, 1)
      })
      t.match(pool.stats(), { inUse: 0, idle: 1 })
    }),
  )
  t.strictSame(server.newest.log, ['SELECT 1', 'START TRANSACTION', 'INSERT', 'SELECT 2', 'COMMIT'])
  t.match(pool.stats(), { acquired: 2, released: 2 })
})

void t.test('it may be the default of the pool', async (t) => {
  const { pool, clock } = fakePool({ hold: 'transaction' })
  const scope = pool.openScope()
  await clock.run(scope.query('SELECT 1'))
  t.notOk(scope.holding)
  t.equal(pool.openScope({ hold: 'request' }).hold, 'request')
})

void t.test('after the connection died, the next statement says so', async (t) => {
  const { pool, clock, server } = fakePool({ max: 1 })
  const scope = pool.openScope()
  await clock.run(scope.query('SELECT 1'))
  server.newest.die()
  await t.rejects(scope.query('SELECT 2'), { code: 'PROTOCOL_CONNECTION_LOST' })
  await scope.release()
  await clock.run(scope.query('SELECT 3'))
  t.equal(server.attempts, 2, 'and a release takes a new one')
  await scope.end()
})

void t.test('work that belongs to no scope sees none', async (t) => {
  const { pool, clock } = fakePool()
  const inner = pool.openScope({ label: 'job' })
  await clock.run(
    pool.scope({}, async (outer) => {
      inner.runDetached(() => t.equal(pool.currentScope, inner))
      inner.run(() => t.equal(pool.currentScope, inner))
      t.equal(pool.currentScope, outer)
    }),
  )
  const seen = watch(inner.end())
  await clock.advance(0)
  t.equal(seen.state, 'resolved')
})
