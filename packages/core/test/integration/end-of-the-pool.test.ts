import { adminQuery, waitFor } from '@lifeguard/test-kit'
import t from 'tap'

import { codeOf, freshPool } from '../support/fresh-pool.ts'

void t.test('work under way is finished before the pool ends', async (t) => {
  const { pool } = await freshPool(t, { max: 3 })
  const work = pool.scope({ label: 'report' }, async (scope) => {
    await scope.query('DO SLEEP(0.1)')
    return (await scope.query('SELECT 1 AS one'))[0]
  })
  while (pool.stats().inUse === 0) await new Promise((resolve) => setImmediate(resolve))
  const ending = pool.end()
  t.equal(await codeOf(pool.query('SELECT 1')), 'ERR_POOL_CLOSING')
  t.same(await ending, { cut: [] })
  t.same(await work, [{ one: 1 }])
  t.equal(await codeOf(pool.query('SELECT 1')), 'ERR_POOL_CLOSED')
  t.match(pool.stats(), { total: 0, inUse: 0, waiting: 0 })
})

void t.test('at the deadline the rest is cut, dead at the server, and named', async (t) => {
  const { pool, server } = await freshPool(t, { max: 2 })
  const stuck = pool.use((lease) => lease.query('SELECT SLEEP(60) /* stuck */'), {
    label: 'GET /stuck',
  })
  stuck.catch(() => {})
  while (pool.stats().inUse === 0) await new Promise((resolve) => setImmediate(resolve))
  t.same(await pool.end({ deadline: 50 }), { cut: ['GET /stuck'] })
  t.equal(await codeOf(stuck), 'ERR_POOL_CLOSED')
  await waitFor(async () => {
    const rows = await adminQuery(
      server,
      "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(60) /* stuck%'",
    )
    return rows.length === 0
  })
  t.equal(pool.stats().total, 0)
})
