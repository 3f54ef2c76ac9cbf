import { prometheusMetrics } from '@lifeguard/metrics'
import {
  AggregatorRegistry,
  type OpenMetricsContentType,
  type PrometheusContentType,
  Registry,
} from 'prom-client'
import t from 'tap'

import { scrape, valueOf } from './support/exposition.ts'
import { freshPool } from './support/fresh-pool.ts'

void t.test('one that speaks OpenMetrics', async (t) => {
  const { pool } = await freshPool(t, { name: 'shop' })
  await pool.query('SELECT 1')
  const registry = new Registry<OpenMetricsContentType>()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  const metrics = prometheusMetrics({ registry })
  for (const time of ['first', 'second']) {
    const text = await registry.metrics()
    t.match(text, /^# TYPE lifeguard_lease_acquired counter$/m, time)
    t.match(text, /^lifeguard_lease_acquired_total\{.*\} 1$/m, time)
    t.match(text, /# EOF\n$/, time)
  }
  metrics.stop()
  t.same(registry.getMetricsAsArray(), [])
})

void t.test("a cluster's, which adds up what its workers count", async (t) => {
  const { pool } = await freshPool(t, { name: 'shop', max: 5 })
  const registry = new Registry()
  prometheusMetrics({ registry })
  const lease = await pool.acquire()
  const [worker, own] = [await registry.getMetricsAsJSON(), await scrape(registry)]
  const cluster = await scrape(
    AggregatorRegistry.aggregate<PrometheusContentType>([worker, worker]),
  )
  for (const name of [
    'db_client_connection_max',
    'lifeguard_lease_acquired_total',
    'db_client_connection_wait_time_seconds_count',
  ]) {
    t.equal(valueOf(cluster, name), 2 * valueOf(own, name)!, name)
  }
  t.ok(valueOf(cluster, 'lifeguard_lease_oldest_seconds')! < 60, 'ages are not added up')
  t.equal(cluster.length, own.length)
  await lease.release()
})

void t.test('one that is merged, has labels of its own, or is reset', async (t) => {
  const { pool } = await freshPool(t, { name: 'shop', max: 5 })
  await pool.query('SELECT 1')
  const registry = new Registry()
  registry.setDefaultLabels({ region: 'north' })
  prometheusMetrics({ registry })
  registry.resetMetrics()
  t.equal(valueOf(await scrape(registry), 'lifeguard_lease_acquired_total', { region: 'north' }), 1)
  const merged = Registry.merge([registry, new Registry()])
  t.equal(valueOf(await scrape(merged), 'db_client_connection_max'), 5)
})
