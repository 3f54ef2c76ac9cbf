import { createPool } from '@lifeguard/core'
import { prometheusMetrics } from '@lifeguard/metrics'
import { createDatabase, sharedDatabase, waitFor } from '@lifeguard/test-kit'
import { Registry } from 'prom-client'
import t from 'tap'

import { scrape, valueOf } from './support/exposition.ts'
import { freshPool } from './support/fresh-pool.ts'

void t.test('a server that refuses opens the breaker', async (t) => {
  const database = await createDatabase(await sharedDatabase())
  const wrong = Object.assign(new URL(database.uri), { username: 'nobody', password: 'wrong' }).href
  const pool = createPool({ uri: wrong, name: 'shop', min: 0 })
  t.teardown(async () => {
    await pool.end()
    await database.drop()
  })
  const registry = new Registry()
  prometheusMetrics({ registry })
  t.equal(valueOf(await scrape(registry), 'lifeguard_breaker_open'), 0)
  // It stands for 10 ms at first, and for twice as long each time: a scrape may come too late for the first ones.
  await waitFor(async () => {
    await t.rejects(pool.query('SELECT 1'), { code: 'ERR_BREAKER_OPEN' })
    return valueOf(await scrape(registry), 'lifeguard_breaker_open') === 1
  })
  const samples = await scrape(registry)
  const { connectFailures } = pool.stats()
  t.ok(connectFailures > 0)
  t.equal(valueOf(samples, 'lifeguard_connection_connect_failures_total'), connectFailures)
  t.equal(valueOf(samples, 'db_client_connection_create_time_seconds_count'), 0)
})

void t.test('who waits is counted, and for how long', async (t) => {
  const { pool } = await freshPool(t, { name: 'shop', max: 1 })
  const registry = new Registry()
  prometheusMetrics({ registry })
  const lease = await pool.acquire()
  const waiting = [pool.acquire(), pool.acquire()]
  await lease.query('SELECT SLEEP(0.01)')
  const samples = await scrape(registry)
  t.equal(valueOf(samples, 'db_client_connection_pending_requests'), 2)
  t.ok(valueOf(samples, 'lifeguard_waiter_oldest_seconds')! >= 0.01)
  await lease.release()
  for (const next of waiting) await (await next).release()
})

void t.test('a lease that is held for too long is a suspect until it comes back', async (t) => {
  const { pool } = await freshPool(t, { name: 'shop', max: 1, leakThreshold: 10 })
  const registry = new Registry()
  prometheusMetrics({ registry })
  const suspected = new Promise((resolve) => pool.on('leakSuspected', resolve))
  const lease = await pool.acquire()
  await suspected
  const during = await scrape(registry)
  t.equal(valueOf(during, 'lifeguard_lease_suspected'), 1)
  t.ok(valueOf(during, 'lifeguard_lease_oldest_seconds')! >= 0.01)
  await lease.release()
  const after = await scrape(registry)
  t.equal(valueOf(after, 'lifeguard_lease_suspected'), 0)
  t.equal(valueOf(after, 'lifeguard_lease_oldest_seconds'), 0)
  t.equal(valueOf(after, 'lifeguard_lease_leaks_total'), 1)
})

void t.test('who is refused before its time is up is counted, by the code', async (t) => {
  const { pool } = await freshPool(t, { name: 'shop', max: 1, queueLimit: 0 })
  const registry = new Registry()
  prometheusMetrics({ registry })
  const lease = await pool.acquire()
  await t.rejects(pool.acquire(), { code: 'ERR_QUEUE_FULL' })
  const samples = await scrape(registry)
  const refused = (code: string): number | undefined =>
    valueOf(samples, 'lifeguard_acquire_refused_total', { error_type: code })
  t.equal(refused('ERR_QUEUE_FULL'), 1)
  t.equal(refused('ERR_POOL_DEADLOCK'), 0, 'a code that has not happened is there as 0')
  t.equal(valueOf(samples, 'db_client_connection_timeouts_total'), 0)
  await lease.release()
})
