import { createPool, type Pool, type PoolOptions } from '@lifeguard/core'
import { lifeguard } from '@lifeguard/fastify'
import { Command, type FaultProxy, startFaultProxy } from '@lifeguard/test-kit'
import { fastify } from 'fastify'
import type { Test } from 'tap'
import t from 'tap'

import { DATABASE, startWorld } from './support/contamination/world.ts'

/** An idle connection is pinged before it is lent; here none is idle for so long, however slow the machine. */
const HOT: PoolOptions = { min: 0, max: 1, checkAfterIdle: 60_000 }

void t.test('hygiene costs', async (t) => {
  const world = await startWorld()
  const proxy = await startFaultProxy(world.server)
  t.teardown(async () => {
    await proxy.stop()
    await world.end()
  })

  await t.test('a SELECT: nothing', async (t) => {
    const pool = await warmPool(t, proxy)
    await pool.query('SELECT id FROM ledger WHERE id = ?', [1])
    await allIsSettled(pool)
    t.same(sent(proxy), ['query SELECT id FROM ledger WHERE id = 1'])
  })

  await t.test('an INSERT, an UPDATE and a DELETE: nothing', async (t) => {
    const pool = await warmPool(t, proxy)
    const statements = [
      "INSERT INTO ledger (id, note) VALUES (3, 'x')",
      "UPDATE ledger SET note = 'y' WHERE id = 3",
      'DELETE FROM ledger WHERE id = 3',
    ]
    for (const sql of statements) await pool.query(sql)
    await allIsSettled(pool)
    t.same(
      sent(proxy),
      statements.map((sql) => `query ${sql}`),
    )
  })

  await t.test('a prepared SELECT: nothing, and it is prepared once', async (t) => {
    const pool = await warmPool(t, proxy)
    for (const id of [1, 2]) await pool.execute('SELECT id FROM ledger WHERE id = ?', [id])
    await allIsSettled(pool)
    t.same(sent(proxy), ['prepare SELECT id FROM ledger WHERE id = ?', 'execute', 'execute'])
  })

  await t.test('a transaction: nothing', async (t) => {
    const pool = await warmPool(t, proxy)
    await pool.use(async (lease) => {
      await lease.query('BEGIN')
      await lease.query('SELECT id FROM ledger FOR UPDATE')
      await lease.query('COMMIT')
    })
    await allIsSettled(pool)
    t.same(sent(proxy), ['query BEGIN', 'query SELECT id FROM ledger FOR UPDATE', 'query COMMIT'])
  })

  await t.test('pool.transaction: nothing but its own two statements', async (t) => {
    const pool = await warmPool(t, proxy)
    await pool.transaction((tx) => tx.query('SELECT id FROM ledger'))
    await allIsSettled(pool)
    t.equal(proxy.commands.length, 3)
    t.match(sent(proxy), [/^query (BEGIN|START TRANSACTION)/, /SELECT id/, 'query COMMIT'])
  })

  await t.test('a request that reads: nothing', async (t) => {
    const app = fastify()
    t.teardown(() => app.close())
    await app.register(lifeguard, { ...HOT, uri: proxy.uri(DATABASE) })
    app.get('/', async ({ db }) => (await db.query('SELECT id FROM ledger'))[0])
    app.get('/idle', async () => 'ok')
    await app.inject('/')
    await allIsSettled(app.db)
    proxy.clearCommands()

    t.same((await app.inject('/')).json(), [{ id: 1 }, { id: 2 }])
    await allIsSettled(app.db)
    t.same(sent(proxy), ['query SELECT id FROM ledger'])

    proxy.clearCommands()
    await app.inject('/idle')
    t.same(sent(proxy), [], 'and one that does not: nothing at all')
  })

  await t.test('an open transaction: one ROLLBACK', async (t) => {
    const pool = await warmPool(t, proxy)
    const lease = await pool.acquire()
    await lease.query('BEGIN')
    await lease.query('SELECT id FROM ledger')
    proxy.clearCommands()
    await lease.release()
    t.same(sent(proxy), ['query ROLLBACK'])
    t.equal(proxy.writes, 1)
  })

  await t.test('an error: one ROLLBACK', async (t) => {
    const pool = await warmPool(t, proxy)
    const lease = await pool.acquire()
    await t.rejects(lease.query("INSERT INTO ledger (id, note) VALUES (1, 'x')"))
    proxy.clearCommands()
    await lease.release()
    t.same(sent(proxy), ['query ROLLBACK'])
    t.equal(proxy.writes, 1)
  })

  const set = "SET time_zone = '+05:00'"
  await t.test('changed state: a reset in one write', (t) => oneWrite(t, proxy, [set]))
  await t.test('changed state and an open transaction: one write', (t) =>
    oneWrite(t, proxy, [set, 'BEGIN', 'SELECT id FROM ledger']),
  )
  await t.test('changed state, with statements to set up the session: one write', (t) =>
    oneWrite(t, proxy, [set], { initSql: ["SET SESSION sql_mode = 'ANSI_QUOTES'", 'SET @a = 1'] }),
  )
  await t.test('changed state, with prepared statements that the reset forgets: one write', (t) =>
    oneWrite(t, proxy, [set], {}, ['SELECT id FROM ledger', 'SELECT note FROM ledger']),
  )
})

/** The lease leaves `statements` and `prepared` behind; its release writes once, and the session is as it was. */
async function oneWrite(
  t: Test,
  proxy: FaultProxy,
  statements: readonly string[],
  options: PoolOptions = {},
  prepared: readonly string[] = [],
): Promise<void> {
  const pool = await warmPool(t, proxy, options)
  const lease = await pool.acquire()
  for (const sql of prepared) await lease.execute(sql)
  for (const sql of statements) await lease.query(sql)
  proxy.clearCommands()
  await lease.release()
  await allIsSettled(pool)
  t.equal(proxy.writes, 1, sent(proxy).join('; '))
  t.equal(proxy.commands[0]?.code, Command.resetConnection)
  t.same((await pool.query('SELECT @@time_zone AS zone'))[0], [{ zone: 'SYSTEM' }])
}

/** One connection is open, and what opened it is forgotten. */
async function warmPool(t: Test, proxy: FaultProxy, options: PoolOptions = {}): Promise<Pool> {
  const pool = createPool({ ...HOT, uri: proxy.uri(DATABASE), ...options })
  t.teardown(() => pool.end())
  await pool.query('SELECT 1')
  await allIsSettled(pool)
  proxy.clearCommands()
  return pool
}

/** `pool.query` does not wait for its release; whoever borrows next does. */
async function allIsSettled(pool: Pool): Promise<void> {
  await pool.use(() => {})
}

function sent(proxy: FaultProxy): string[] {
  const names = new Map<number, string>(Object.entries(Command).map(([name, code]) => [code, name]))
  return proxy.commands.map(({ code, text }) => `${names.get(code) ?? code} ${text}`.trim())
}
