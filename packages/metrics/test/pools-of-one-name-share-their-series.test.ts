import { createPool, type Pool } from '@lifeguard/core'
import { openTelemetryMetrics, prometheusMetrics } from '@lifeguard/metrics'
import { Registry } from 'prom-client'
import t, { type Test } from 'tap'

import { pointOf, startSdk } from './support/collection.ts'
import { scrape, valueOf } from './support/exposition.ts'
import { freshPool } from './support/fresh-pool.ts'

const ACQUIRED = 'lifeguard_lease_acquired_total'

async function twins(t: Test): Promise<{ one: Pool; other: Pool }> {
  const { pool: one, uri } = await freshPool(t, { name: 'twin', max: 3 })
  const other = createPool({ uri, name: 'twin', max: 4 })
  t.teardown(() => other.end())
  for (let i = 0; i < 5; i++) await one.query('SELECT 1')
  for (let i = 0; i < 2; i++) await other.query('SELECT 1')
  return { one, other }
}

void t.test('counts and histograms are added up, and there is one series', async (t) => {
  const { one, other } = await twins(t)
  const registry = new Registry()
  prometheusMetrics({ registry, hikari: true })
  const held = await other.acquire()
  const samples = await scrape(registry)
  t.equal(valueOf(samples, 'db_client_connection_max'), 7)
  t.equal(valueOf(samples, ACQUIRED), 8)
  t.equal(valueOf(samples, 'db_client_connection_wait_time_seconds_count'), 8)
  t.equal(
    valueOf(samples, 'db_client_connection_wait_time_seconds_bucket', { le: '+Inf' }),
    one.stats().wait.count + other.stats().wait.count,
  )
  t.equal(valueOf(samples, 'hikaricp_connections_max'), 7)
  t.ok(valueOf(samples, 'lifeguard_lease_oldest_seconds')! > 0, 'an age is that of the oldest')
  await held.release()
})

void t.test('a counter never falls because one of them has ended', async (t) => {
  const { one, other } = await twins(t)
  const registry = new Registry()
  prometheusMetrics({ registry })
  const { meterProvider, collect } = startSdk(t)
  openTelemetryMetrics({ meterProvider })
  const acquired = async (): Promise<unknown> => [
    valueOf(await scrape(registry), ACQUIRED),
    pointOf(await collect(), 'lifeguard.lease.acquired'),
  ]
  t.same(await acquired(), [7, 7])
  await one.query('SELECT 1')
  await one.end()
  t.same(await acquired(), [8, 8], 'with what it has counted since the last scrape')
  t.equal(valueOf(await scrape(registry), 'db_client_connection_max'), 4)
  await other.query('SELECT 1')
  t.same(await acquired(), [9, 9])
  await other.end()
  t.same(await acquired(), [undefined, 9], 'though an SDK goes on with what it knows')
})

void t.test('pools of one name on other databases are apart', async (t) => {
  await freshPool(t, { name: 'twin' })
  await freshPool(t, { name: 'twin' })
  const registry = new Registry()
  prometheusMetrics({ registry })
  const series = (await scrape(registry)).filter(({ name }) => name === 'db_client_connection_max')
  t.equal(series.length, 2)
})

void t.test('a label that takes the place of ours makes no series twice', async (t) => {
  await freshPool(t, { name: 'one', max: 1 })
  await freshPool(t, { name: 'two', max: 2 })
  const registry = new Registry()
  const labels = { db_client_connection_pool_name: 'all', db_namespace: 'all' }
  prometheusMetrics({ registry, labels })
  t.equal(valueOf(await scrape(registry), 'db_client_connection_max'), 3)
})
