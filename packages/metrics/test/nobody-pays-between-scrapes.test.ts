import { channel } from 'node:diagnostics_channel'

import { openTelemetryMetrics, prometheusMetrics } from '@lifeguard/metrics'
import { Registry } from 'prom-client'
import t from 'tap'

import { startSdk } from './support/collection.ts'
import { scrape } from './support/exposition.ts'
import { freshPool } from './support/fresh-pool.ts'

void t.test('Prometheus has no listener on a pool', async (t) => {
  const { pool } = await freshPool(t)
  const on = t.capture(pool, 'on', pool.on.bind(pool))
  const registry = new Registry()
  prometheusMetrics({ registry })
  await scrape(registry)
  t.same(on(), [])
  t.notOk(channel('lifeguard:connected').hasSubscribers)
})

void t.test('OpenTelemetry has three, for its histograms, until it is stopped', async (t) => {
  const { pool } = await freshPool(t)
  const on = t.capture(pool, 'on', pool.on.bind(pool))
  const off = t.capture(pool, 'off', pool.off.bind(pool))
  const { meterProvider, collect } = startSdk(t)
  const metrics = openTelemetryMetrics({ meterProvider })
  await collect()
  const listeners = on().map(({ args }) => args)
  t.same(
    listeners.map(([name]) => name),
    ['connected', 'acquired', 'released'],
  )
  t.ok(channel('lifeguard:connected').hasSubscribers)
  t.notOk(channel('lifeguard:acquired').hasSubscribers)
  metrics.stop()
  t.same(
    off().map(({ args }) => args),
    listeners,
  )
  t.notOk(channel('lifeguard:connected').hasSubscribers)
})
