import { createPool } from '@lifeguard/core'
import { openTelemetryMetrics, prometheusMetrics } from '@lifeguard/metrics'
import { Registry } from 'prom-client'
import t from 'tap'

import { pointOf, startSdk } from './support/collection.ts'
import { scrape } from './support/exposition.ts'
import { freshPool } from './support/fresh-pool.ts'

const POOL = 'db_client_connection_pool_name'

void t.test('Prometheus sees pools that are made later, and none that has ended', async (t) => {
  const registry = new Registry()
  prometheusMetrics({ registry })
  const names = async (): Promise<unknown> => [
    ...new Set((await scrape(registry)).map(({ labels }) => labels[POOL])),
  ]
  t.same(await names(), [])
  const { uri, pool: first } = await freshPool(t, { name: 'first' })
  const second = createPool({ uri, name: 'second' })
  t.same(await names(), ['first', 'second'])
  await first.end()
  t.same(await names(), ['second'])
  await second.end()
  t.same(await names(), [])
})

void t.test('Prometheus sees none but the pools that it is given', async (t) => {
  const { uri, pool: given } = await freshPool(t, { name: 'given' })
  const other = createPool({ uri, name: 'other' })
  t.teardown(() => other.end())
  const registry = new Registry()
  prometheusMetrics({ registry, pools: [given] })
  t.ok((await scrape(registry)).every(({ labels }) => labels[POOL] === 'given'))
  await given.end()
  t.same(await scrape(registry), [], 'nor those, when they have ended')
})

void t.test('OpenTelemetry misses nothing of a pool that is made later', async (t) => {
  const { meterProvider, collect } = startSdk(t)
  openTelemetryMetrics({ meterProvider })
  const { pool } = await freshPool(t, { name: 'late', min: 0, max: 2 })
  await Promise.all(Array.from({ length: 9 }, () => pool.query('SELECT 1')))
  const collected = await collect()
  const counts = Object.fromEntries(
    collected
      .filter(({ kind }) => kind === 'histogram')
      .map(({ name, points }) => [name, (points[0]!.value as { count: number }).count]),
  )
  const { wait, use, connect } = pool.stats()
  t.same(counts, {
    'db.client.connection.wait_time': wait.count,
    'db.client.connection.use_time': use.count,
    'db.client.connection.create_time': connect.count,
  })
  t.equal(wait.count, 9)
})

void t.test('OpenTelemetry sees nothing left of a pool that has ended', async (t) => {
  const { meterProvider, collect } = startSdk(t)
  openTelemetryMetrics({ meterProvider })
  const { pool } = await freshPool(t, { name: 'short', min: 0, max: 3 })
  await pool.query('SELECT 1')
  await pool.acquire()
  const counts = async (): Promise<unknown> => {
    const collected = await collect()
    return [
      pointOf(collected, 'db.client.connection.max'),
      pointOf(collected, 'db.client.connection.count', { 'db.client.connection.state': 'used' }),
      pointOf(collected, 'lifeguard.lease.acquired'),
    ]
  }
  t.same(await counts(), [3, 1, 2])
  await pool.end({ deadline: 0 })
  t.same(await counts(), [0, 0, 2])
  t.same(await counts(), [0, 0, 2])
})
