import { METRICS, openTelemetryMetrics, prometheusMetrics } from '@lifeguard/metrics'
import type { Histogram } from '@opentelemetry/sdk-metrics'
import { Registry } from 'prom-client'
import t from 'tap'

import { pointOf, startSdk } from './support/collection.ts'
import { copyOfThePackage } from './support/copy-of-the-package.ts'
import { scrape, valueOf } from './support/exposition.ts'
import { freshPool } from './support/fresh-pool.ts'

void t.test('as Prometheus is told, metric by metric', async (t) => {
  const registry = new Registry()
  prometheusMetrics({ registry })
  const { meterProvider, collect } = startSdk(t)
  openTelemetryMetrics({ meterProvider })
  const { pool } = await freshPool(t, { name: 'shop', max: 2 })
  await Promise.all(Array.from({ length: 7 }, () => pool.query('SELECT 1')))
  const leases = await Promise.all([pool.acquire(), pool.acquire()])
  await t.rejects(pool.acquire({ timeout: 20 }))
  await Promise.all(leases.map((lease) => lease.release()))

  const [samples, collected] = [await scrape(registry), await collect()]
  for (const { name, prometheus, instrument } of METRICS.lifeguard) {
    const points = collected.find((metric) => metric.name === name)!.points
    for (const { attributes, value } of points) {
      const labels = Object.fromEntries(
        Object.entries(attributes).map(([key, text]) => [key.replaceAll('.', '_'), String(text)]),
      )
      if (instrument !== 'histogram') {
        t.equal(valueOf(samples, prometheus.name, labels), value, name)
        continue
      }
      const { count, sum, buckets } = value as Histogram
      t.equal(valueOf(samples, `${prometheus.name}_count`, labels), count, name)
      t.ok(Math.abs(valueOf(samples, `${prometheus.name}_sum`, labels)! - sum!) < 1e-9, name)
      t.equal(
        valueOf(samples, `${prometheus.name}_bucket`, { ...labels, le: '0.01' }),
        buckets.counts.slice(0, buckets.boundaries.indexOf(0.01) + 1).reduce((a, b) => a + b),
        name,
      )
    }
  }
})

void t.test('a second copy of the package counts nothing twice', async (t) => {
  const { meterProvider, collect } = startSdk(t)
  const { pool } = await freshPool(t, { name: 'shop', max: 2 })
  const { openTelemetryMetrics: copy } = await copyOfThePackage(t)
  t.not(copy, openTelemetryMetrics)
  openTelemetryMetrics({ meterProvider })
  copy({ meterProvider })
  await pool.query('SELECT 1')
  t.match(pointOf(await collect(), 'db.client.connection.wait_time'), { count: 1 })
})

void t.test('with attributes of the user, and until it is stopped', async (t) => {
  const { meterProvider, collect } = startSdk(t)
  const { pool } = await freshPool(t, { name: 'shop', max: 2 })
  const metrics = openTelemetryMetrics({
    meter: meterProvider.getMeter('mine'),
    pools: [pool],
    attributes: { 'service.tier': 'gold', 'db.system.name': 'mariadb' },
  })
  await pool.query('SELECT 1')
  const before = await collect()
  const mine = { 'service.tier': 'gold', 'db.system.name': 'mariadb' }
  t.equal(pointOf(before, 'db.client.connection.max', mine), 2)
  t.match(pointOf(before, 'db.client.connection.wait_time', mine), { count: 1 })
  metrics.stop()
  metrics.stop()
  await pool.query('SELECT 1')
  const after = await collect()
  t.equal(pointOf(after, 'db.client.connection.max'), 0)
  t.match(pointOf(after, 'db.client.connection.wait_time'), { count: 1 })
})

void t.test('a meter that is given twice records everything once', async (t) => {
  const { meterProvider, collect } = startSdk(t)
  const { pool } = await freshPool(t, { name: 'shop', max: 2 })
  const first = openTelemetryMetrics({ meterProvider })
  const second = openTelemetryMetrics({ meterProvider, pools: [pool] })
  await pool.query('SELECT 1')
  t.match(pointOf(await collect(), 'db.client.connection.wait_time'), { count: 1 })
  second.stop()
  await pool.query('SELECT 1')
  t.match(pointOf(await collect(), 'db.client.connection.wait_time'), { count: 2 })
  first.stop()
  await pool.query('SELECT 1')
  t.match(pointOf(await collect(), 'db.client.connection.wait_time'), { count: 2 })
  openTelemetryMetrics({ meterProvider })
  await pool.query('SELECT 1')
  t.match(pointOf(await collect(), 'db.client.connection.wait_time'), { count: 3 })
})

void t.test('without a meter, it says what is missing', async (t) => {
  t.throws(() => openTelemetryMetrics({}), { code: 'ERR_OPTIONS', message: /getMeterProvider/ })
})
