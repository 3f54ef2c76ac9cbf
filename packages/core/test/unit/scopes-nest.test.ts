import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'

void t.test('those of two pools do not see each other', async (t) => {
  const orders = fakePool({ name: 'orders' })
  const users = fakePool({ name: 'users' })
  await orders.clock.run(
    orders.pool.scope({}, (outer) =>
      users.pool.scope({}, async (inner) => {
        t.equal(orders.pool.currentScope, outer)
        t.equal(users.pool.currentScope, inner)
        await orders.pool.query('SELECT 1')
        await users.pool.query('SELECT 2')
        await orders.pool.transaction(async () => {
          await users.pool.query('SELECT 3')
          await orders.pool.query('SELECT 4')
        })
      }),
    ),
  )
  t.strictSame(orders.server.newest.log, ['SELECT 1', 'START TRANSACTION', 'SELECT 4', 'COMMIT'])
  t.strictSame(users.server.newest.log, ['SELECT 2', 'SELECT 3'])
  t.equal(orders.server.attempts + users.server.attempts, 2)
})

void t.test('one in another of the same pool has its own connection', async (t) => {
  const { pool, clock, server } = fakePool()
  await clock.run(
    pool.scope({}, async (outer) => {
      await pool.query('SELECT outer')
      await pool.scope({}, async (inner) => {
        t.equal(pool.currentScope, inner)
        await pool.query('SELECT inner')
        await outer.query('SELECT outer again')
      })
      t.equal(pool.currentScope, outer)
      t.equal(pool.stats().inUse, 1, 'what the inner one took is back')
    }),
  )
  t.strictSame(
    server.sessions.map(({ log }) => log),
    [['SELECT outer', 'SELECT outer again'], ['SELECT inner']],
  )
})

void t.test('one inside of a transaction of the other is not in it', async (t) => {
  const { pool, clock, server } = fakePool()
  await clock.run(
    pool.scope({}, (outer) =>
      outer.transaction(() => pool.scope({}, () => pool.query('SELECT inner'))),
    ),
  )
  t.strictSame(server.sessions[0]!.log, ['START TRANSACTION', 'COMMIT'])
  t.strictSame(server.sessions[1]!.log, ['SELECT inner'])
})
