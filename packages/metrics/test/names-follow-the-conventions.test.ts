import { METRICS, openTelemetryMetrics, prometheusMetrics } from '@lifeguard/metrics'
import { type Histogram } from '@opentelemetry/sdk-metrics'
import { Registry } from 'prom-client'
import t from 'tap'

import { startSdk } from './support/collection.ts'
import { freshPool } from './support/fresh-pool.ts'

/** OpenTelemetry's semantic conventions for database connection pools, word for word. */
const CONVENTIONS = `
  db.client.connection.count             upDownCounter  {connection}
  db.client.connection.idle.max          upDownCounter  {connection}
  db.client.connection.idle.min          upDownCounter  {connection}
  db.client.connection.max               upDownCounter  {connection}
  db.client.connection.pending_requests  upDownCounter  {request}
  db.client.connection.timeouts          counter        {timeout}
  db.client.connection.create_time       histogram      s
  db.client.connection.wait_time         histogram      s
  db.client.connection.use_time          histogram      s`
  .trim()
  .split('\n')
  .map((line) => line.trim().replaceAll(/ +/g, ' '))

void t.test('OpenTelemetry gets exactly the names, kinds, units and attributes', async (t) => {
  const { pool, database } = await freshPool(t, { name: 'shop', max: 2 })
  const { meterProvider, collect } = startSdk(t)
  const metrics = openTelemetryMetrics({ meterProvider })
  await pool.query('SELECT 1')
  const lease = await pool.acquire()
  const collected = await collect()
  await lease.release()
  metrics.stop()
  const exported = collected.map(({ name, kind, unit }) => `${name} ${kind} ${unit}`)
  t.same(exported.filter((line) => line.startsWith('db.')).sort(), [...CONVENTIONS].sort())
  t.same(
    exported.sort(),
    METRICS.lifeguard.map(({ name, instrument, unit }) => `${name} ${instrument} ${unit}`).sort(),
    'and what the table of all metrics says',
  )
  t.ok(
    exported.every((line) => /^(db\.client\.connection|lifeguard)\.[a-z_.]+ /.test(line)),
    'what the conventions lack is in a namespace of our own',
  )
  for (const { name, points } of collected) {
    t.ok(points.length > 0, `${name} has data`)
    for (const { attributes } of points) {
      t.match(attributes, {
        'db.client.connection.pool.name': 'shop',
        'db.system.name': 'mysql',
        'db.namespace': database,
        'server.address': String,
        'server.port': Number,
      })
    }
  }
  const states = collected
    .find(({ name }) => name === 'db.client.connection.count')!
    .points.map(({ attributes }) => attributes['db.client.connection.state'])
  t.same(states, ['idle', 'used'])
})

void t.test("OpenTelemetry's buckets are those of the pool, in seconds", async (t) => {
  const { pool } = await freshPool(t, { max: 1 })
  const { meterProvider, collect } = startSdk(t)
  openTelemetryMetrics({ meterProvider })
  await pool.query('SELECT 1')
  const wait = (await collect()).find(({ name }) => name === 'db.client.connection.wait_time')!
  const { boundaries } = (wait.points[0]!.value as Histogram).buckets
  t.same(
    boundaries,
    pool
      .stats()
      .wait.buckets.map(({ leMs }) => leMs / 1000)
      .filter((bound) => bound < Infinity),
  )
})

void t.test('Prometheus gets the same names by its own rules', async (t) => {
  const translated = METRICS.lifeguard.map(({ name, prometheus }) => [name, prometheus.name])
  t.match(Object.fromEntries(translated), {
    'db.client.connection.count': 'db_client_connection_count',
    'db.client.connection.idle.max': 'db_client_connection_idle_max',
    'db.client.connection.pending_requests': 'db_client_connection_pending_requests',
    'db.client.connection.timeouts': 'db_client_connection_timeouts_total',
    'db.client.connection.wait_time': 'db_client_connection_wait_time_seconds',
    'lifeguard.lease.oldest': 'lifeguard_lease_oldest_seconds',
  })
  await freshPool(t)
  const registry = new Registry()
  prometheusMetrics({ registry, hikari: true })
  const types = [...(await registry.metrics()).matchAll(/^# TYPE (\w+) (\w+)$/gm)]
  t.same(
    types.map(([, name, type]) => [name, type]),
    [...METRICS.lifeguard, ...METRICS.hikari].map(({ prometheus }) => [
      prometheus.name,
      prometheus.type,
    ]),
  )
})

void t.test('no name is used twice, and every metric says what it is', async (t) => {
  const all = [...METRICS.lifeguard, ...METRICS.hikari]
  t.equal(new Set(all.map(({ name }) => name)).size, all.length)
  t.equal(new Set(all.map(({ prometheus }) => prometheus.name)).size, all.length)
  for (const { name, description, unit } of all) {
    t.match(description, /^[A-Z0-9].*[^.]$/, name)
    t.match(unit, /^(s|\{[a-z]+\})$/, name)
  }
})
