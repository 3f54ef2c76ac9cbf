import t from 'tap'

import { freshPool } from '../support/fresh-pool.ts'

void t.test('50 workers on 5 connections get their turns evenly', async (t) => {
  const { pool } = await freshPool(t, { min: 5, max: 5 })
  const turns = Array.from({ length: 50 }, () => 0)
  let left = 2500
  await Promise.all(
    turns.map(async (_, worker) => {
      while (left-- > 0) {
        await pool.use((lease) => lease.query('DO SLEEP(0.002)'))
        turns[worker]!++
      }
    }),
  )
  const fewest = Math.min(...turns)
  const most = Math.max(...turns)
  t.ok(fewest >= most * 0.9, `fewest ${fewest}, most ${most}`)
})
