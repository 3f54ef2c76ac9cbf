import { readFileSync } from 'node:fs'

import { prometheusMetrics } from '@lifeguard/metrics'
import { Registry } from 'prom-client'
import t from 'tap'

import { scrape } from './support/exposition.ts'
import { freshPool } from './support/fresh-pool.ts'

const page = readFileSync(
  new URL('../../../docs/metrics.md', import.meta.resolve('@lifeguard/metrics')),
  'utf8',
)

void t.test('whatever a pool is used for, it has as many as the page says', async (t) => {
  const [, ours, hikari] = /^(\d+) for a pool, and (\d+) more/m.exec(page)!
  const { pool } = await freshPool(t, { max: 5, maxUses: 3 })
  const plain = new Registry()
  const both = new Registry()
  prometheusMetrics({ registry: plain })
  prometheusMetrics({ registry: both, hikari: true })
  const counts = async (): Promise<number[]> => [
    (await scrape(plain)).length,
    (await scrape(both)).length - Number(ours),
  ]
  t.same(await counts(), [ours, hikari].map(Number))
  const leases = await Promise.all(
    Array.from({ length: 5 }, (_, i) => pool.acquire({ label: `job ${i}` })),
  )
  await Promise.all(leases.map((lease, i) => lease.query(`SELECT ${i} AS n${i}`)))
  await t.rejects(pool.acquire({ label: 'in vain', timeout: 20 }))
  t.same(await counts(), [ours, hikari].map(Number))
  await Promise.all(leases.map((lease) => lease.release()))
  for (let i = 0; i < 20; i++) {
    await pool.scope({ label: `GET /${i}` }, (scope) => scope.query('SELECT 1'))
  }
  t.same(await counts(), [ours, hikari].map(Number))
})
