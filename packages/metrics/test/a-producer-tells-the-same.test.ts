import { openTelemetryMetrics, openTelemetryProducer } from '@lifeguard/metrics'
import type { Histogram } from '@opentelemetry/sdk-metrics'
import t from 'tap'

import { pointOf, startSdk } from './support/collection.ts'
import { freshPool } from './support/fresh-pool.ts'

void t.test('as the instruments do, metric by metric', async (t) => {
  const { pool } = await freshPool(t, { name: 'shop', max: 2 })
  const attributes = { 'service.tier': 'gold' }
  const produced = startSdk(t, openTelemetryProducer({ pools: [pool], attributes }))
  const instruments = startSdk(t)
  const { meterProvider } = instruments
  openTelemetryMetrics({ meterProvider, pools: [pool], attributes })
  await pool.warm(2)
  await Promise.all(Array.from({ length: 7 }, () => pool.query('SELECT 1')))
  const lease = await pool.acquire()

  const [ours, theirs] = [await produced.collect(), await instruments.collect()]
  t.strictSame(ours.map(({ name }) => name).sort(), theirs.map(({ name }) => name).sort())
  for (const metric of theirs) {
    const same = ours.find(({ name }) => name === metric.name)!
    t.match(same, { unit: metric.unit, kind: metric.kind }, metric.name)
    if (metric.unit === 's' && metric.kind === 'gauge') continue
    for (const { attributes: labels, value } of metric.points) {
      const own = pointOf(ours, metric.name, labels as Record<string, string>)
      if (typeof value === 'number') t.equal(own, value, metric.name)
      else t.match(own, { count: value.count, buckets: value.buckets }, metric.name)
    }
  }
  await lease.release()
})

void t.test('nobody listens to the pool, and what has ended is told no more', async (t) => {
  const { pool } = await freshPool(t, { name: 'shop', max: 2 })
  const { collect } = startSdk(t, openTelemetryProducer({ pools: [pool] }))
  await pool.query('SELECT 1')
  const waited = (metrics: Awaited<ReturnType<typeof collect>>): Histogram | undefined =>
    pointOf(metrics, 'db.client.connection.wait_time') as Histogram | undefined
  t.equal(waited(await collect())?.count, 1)
  await pool.query('SELECT 1')
  t.equal(waited(await collect())?.count, 2)
  await pool.end()
  t.equal(waited(await collect()), undefined)
})
