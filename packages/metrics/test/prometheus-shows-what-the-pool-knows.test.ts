import { prometheusMetrics } from '@lifeguard/metrics'
import { waitFor } from '@lifeguard/test-kit'
import { Registry } from 'prom-client'
import t from 'tap'

import { scrape, valueOf } from './support/exposition.ts'
import { freshPool } from './support/fresh-pool.ts'

void t.test('counts, limits and leases are those of the pool at the scrape', async (t) => {
  const { pool, database, uri } = await freshPool(t, { name: 'shop', min: 1, max: 4, maxIdle: 3 })
  const registry = new Registry()
  prometheusMetrics({ registry, labels: { service: 'till' } })
  await pool.query('CREATE TABLE t (id INT)')
  await pool.warm(4)
  await waitFor(() => pool.stats().total === 3, { label: 'one is let go of, for maxIdle' })
  const idle = await pool.acquire()
  const busy = await pool.acquire()
  await busy.query('START TRANSACTION')
  await busy.query('INSERT INTO t VALUES (1)')

  const samples = await scrape(registry)
  const count = (state: string): number | undefined =>
    valueOf(samples, 'db_client_connection_count', { db_client_connection_state: state })
  t.equal(count('idle'), 1)
  t.equal(count('used'), 2)
  t.equal(valueOf(samples, 'db_client_connection_max'), 4)
  t.equal(valueOf(samples, 'db_client_connection_idle_max'), 3)
  t.equal(valueOf(samples, 'db_client_connection_idle_min'), 1)
  t.equal(valueOf(samples, 'lifeguard_connection_effective_max'), 4)
  const leases = (state: string): number | undefined =>
    valueOf(samples, 'lifeguard_lease_count', { lifeguard_lease_state: state })
  t.same([leases('idle'), leases('transaction'), leases('running')], [1, 1, 0])
  t.ok(valueOf(samples, 'lifeguard_lease_oldest_seconds')! > 0)
  t.ok(valueOf(samples, 'lifeguard_transaction_longest_seconds')! > 0)
  t.ok(valueOf(samples, 'lifeguard_transaction_longest_idle_seconds')! > 0)
  t.equal(valueOf(samples, 'lifeguard_waiter_oldest_seconds'), 0)
  t.equal(valueOf(samples, 'lifeguard_breaker_open'), 0)
  const { hostname, port } = new URL(uri)
  t.same(
    samples.find(({ name }) => name === 'db_client_connection_max')?.labels,
    {
      db_client_connection_pool_name: 'shop',
      db_system_name: 'mysql',
      db_namespace: database,
      server_address: hostname,
      server_port: port,
      service: 'till',
    },
    'and the labels are those of the conventions, and ours',
  )
  await Promise.all([idle.release(), busy.release()])
})

void t.test(
  'counters have counted from the beginning, though the registry came late',
  async (t) => {
    const { pool } = await freshPool(t, { name: 'shop', max: 1 })
    await pool.query('SELECT 1')
    const lease = await pool.acquire()
    await t.rejects(pool.acquire({ timeout: 20 }))
    await lease.query('START TRANSACTION')
    await lease.query('CREATE TEMPORARY TABLE gone (id INT)')
    await lease.release()
    await pool.query('SELECT 1')
    pool.evictAll()
    const registry = new Registry()
    prometheusMetrics({ registry })

    const samples = await scrape(registry)
    const stats = pool.stats()
    t.equal(valueOf(samples, 'db_client_connection_timeouts_total'), 1)
    t.equal(valueOf(samples, 'lifeguard_lease_acquired_total'), stats.acquired)
    t.equal(valueOf(samples, 'lifeguard_lease_reused_total'), stats.hits)
    t.equal(valueOf(samples, 'lifeguard_connection_rollbacks_total'), stats.rollbacks)
    t.equal(valueOf(samples, 'lifeguard_connection_resets_total'), stats.resets)
    const evicted = (reason: string): number | undefined =>
      valueOf(samples, 'lifeguard_connection_evictions_total', {
        lifeguard_eviction_reason: reason,
      })
    t.equal(evicted('evicted by the user'), 1)
    t.equal(evicted('connection lost'), 0, 'a reason that has not happened is there as 0')
  },
)

void t.test('histograms are in seconds and cumulative, and the last bucket has all', async (t) => {
  const { pool } = await freshPool(t, { name: 'shop', max: 1 })
  const registry = new Registry()
  prometheusMetrics({ registry })
  await Promise.all(Array.from({ length: 20 }, () => pool.query('SELECT SLEEP(0.002)')))

  const samples = await scrape(registry)
  for (const [name, own] of [
    ['db_client_connection_wait_time_seconds', pool.stats().wait],
    ['db_client_connection_use_time_seconds', pool.stats().use],
    ['db_client_connection_create_time_seconds', pool.stats().connect],
  ] as const) {
    const buckets = samples.filter((sample) => sample.name === `${name}_bucket`)
    t.same(
      buckets.map(({ labels }) => labels['le']),
      own.buckets.map(({ leMs }) => (leMs === Infinity ? '+Inf' : String(leMs / 1000))),
    )
    t.ok(
      buckets.every(({ value }, i) => i === 0 || value >= buckets[i - 1]!.value),
      `${name} never falls`,
    )
    t.equal(buckets.at(-1)!.value, own.count)
    t.equal(valueOf(samples, `${name}_count`), own.count)
    t.equal(valueOf(samples, `${name}_sum`), own.sumMs / 1000)
  }
  t.ok(valueOf(samples, 'db_client_connection_wait_time_seconds_sum')! > 0.01)
  t.equal(valueOf(samples, 'db_client_connection_wait_time_seconds_count'), 20)
})

void t.test('one scrape shows one instant', async (t) => {
  const { pool } = await freshPool(t, { name: 'shop', max: 5 })
  const registry = new Registry()
  prometheusMetrics({ registry })
  let working = true
  const work = Promise.all(
    Array.from({ length: 10 }, async () => {
      while (working) await pool.query('SELECT 1')
    }),
  )
  for (let i = 0; i < 20; i++) {
    const samples = await scrape(registry)
    const lent = ['running', 'idle', 'transaction'].map((state) =>
      valueOf(samples, 'lifeguard_lease_count', { lifeguard_lease_state: state })!,
    )
    t.equal(
      valueOf(samples, 'lifeguard_lease_acquired_total'),
      valueOf(samples, 'db_client_connection_use_time_seconds_count')! +
        lent.reduce((a, b) => a + b),
    )
    await pool.query('SELECT 1')
  }
  working = false
  await work
})
