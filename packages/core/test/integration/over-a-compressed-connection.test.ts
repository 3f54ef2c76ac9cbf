import t from 'tap'

import { freshPool } from '../support/fresh-pool.ts'

void t.test('sessions are watched and settled over the compressed protocol too', async (t) => {
  const { pool } = await freshPool(t, { max: 1, compress: true })
  await pool.query('SELECT 1')
  const { resets, rollbacks } = pool.stats()
  t.match({ resets, rollbacks }, { resets: 0, rollbacks: 0 }, 'clean is seen to be clean')
  await pool.use((lease) => lease.query('START TRANSACTION'))
  t.equal(pool.stats().rollbacks, 1)
  await pool.query("SET @a = 1, time_zone = '+03:00'")
  const [rows] = await pool.query(`SELECT @a AS a, @@time_zone AS zone, '${'x'.repeat(2000)}' AS x`)
  t.match(rows, [{ a: null, zone: 'SYSTEM' }])
  t.equal(pool.stats().created, 1)
  t.ok(pool.stats().resets > 0)
})
