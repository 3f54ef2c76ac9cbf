import { METRICS, prometheusMetrics } from '@lifeguard/metrics'
import { Registry } from 'prom-client'
import t from 'tap'

import { scrape, valueOf } from './support/exposition.ts'
import { freshPool } from './support/fresh-pool.ts'

void t.test('under the names of Micrometer, with the label pool alone', async (t) => {
  const { pool } = await freshPool(t, { name: 'shop', min: 1, max: 4 })
  await pool.warm(2)
  const lease = await pool.acquire()
  const registry = new Registry()
  prometheusMetrics({ registry, hikari: true })
  const samples = await scrape(registry)
  const values = Object.fromEntries(
    METRICS.hikari
      .map(({ prometheus }) => prometheus.name)
      .map((name) => [name, valueOf(samples, name, { pool: 'shop' })]),
  )
  t.same(values, {
    hikaricp_connections: 2,
    hikaricp_connections_active: 1,
    hikaricp_connections_idle: 1,
    hikaricp_connections_max: 4,
    hikaricp_connections_min: 1,
    hikaricp_connections_pending: 0,
    hikaricp_connections_timeout_total: 0,
    hikaricp_connections_acquire_seconds: undefined,
    hikaricp_connections_usage_seconds: undefined,
    hikaricp_connections_creation_seconds: undefined,
  })
  for (const [name, count] of [
    ['acquire', 3],
    ['usage', 2],
    ['creation', 2],
  ] as const) {
    t.equal(valueOf(samples, `hikaricp_connections_${name}_seconds_count`), count)
  }
  const labels = samples
    .filter(({ name }) => name.startsWith('hikaricp'))
    .flatMap((sample) => Object.keys(sample.labels))
  t.same([...new Set(labels)].sort(), ['le', 'pool'])
  await lease.release()
})

void t.test('only where they are wanted', async (t) => {
  const registry = new Registry()
  prometheusMetrics({ registry })
  t.notMatch(await registry.metrics(), /hikaricp/)
})
