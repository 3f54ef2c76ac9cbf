import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { AddressInfo } from 'node:net'

import { type PoolEventName, report } from '@lifeguard/core'
import { lifeguard } from '@lifeguard/fastify'
import { openTelemetryMetrics, openTelemetryProducer, prometheusMetrics } from '@lifeguard/metrics'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricProducer,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import Fastify from 'fastify'
import type { RowDataPacket } from 'mysql2/promise'
import { Registry } from 'prom-client'

import type { Address } from '../benchmark.ts'
import type { AppState } from './fastify-app.ts'
import { serve } from './serve.ts'

/** Who looks while a round is played. */
export type Look = 'nobody' | 'nobody again' | 'all' | 'recorded'

export interface SeenConfig {
  readonly address: Address
  readonly size: number
}

const EVENTS: Readonly<Record<PoolEventName, true>> = {
  connected: true,
  connectFailed: true,
  queued: true,
  acquired: true,
  acquireTimedOut: true,
  released: true,
  rolledBack: true,
  reset: true,
  killed: true,
  evicted: true,
  leakSuspected: true,
  leakWithdrawn: true,
  cut: true,
  ended: true,
}

const registry = new Registry()

/** Begins a look; what it answers ends it. */
const LOOKS: Readonly<Record<Look, () => () => unknown>> = {
  nobody: () => () => {},
  'nobody again': () => () => {},
  all() {
    const prometheus = prometheusMetrics({ registry, hikari: true })
    const provider = startOpenTelemetry([openTelemetryProducer()])
    const channels = Object.keys(EVENTS).map((event) => `lifeguard:${event}`)
    const listener = (): void => {}
    for (const channel of channels) subscribe(channel, listener)
    return () => {
      for (const channel of channels) unsubscribe(channel, listener)
      prometheus.stop()
      return provider.shutdown()
    }
  },
  recorded() {
    const meterProvider = startOpenTelemetry([])
    const metrics = openTelemetryMetrics({ meterProvider })
    return () => {
      metrics.stop()
      return meterProvider.shutdown()
    }
  },
}

/** Collected each second, and thrown away. */
function startOpenTelemetry(metricProducers: MetricProducer[]): MeterProvider {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const exportIntervalMillis = 1000
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis,
    metricProducers,
  })
  return new MeterProvider({ readers: [reader] })
}

await serve(async ({ address, size }: SeenConfig) => {
  const app = Fastify()
  app.get('/metrics', () => registry.metrics())
  app.get('/report', () => report())
  await app.register(lifeguard, { ...address, max: size })
  let turn = 0
  app.get('/', async (request) => {
    turn = (turn % 1000) + 1
    const [rows] = await request.db.query<RowDataPacket[]>(
      'SELECT id, name, price FROM item WHERE id = ?',
      [turn],
    )
    return rows[0]
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  let lookAway = LOOKS.nobody()
  return async (look: Look | undefined): Promise<AppState> => {
    if (look) {
      await lookAway()
      lookAway = LOOKS[look]()
    }
    const { user, system } = process.cpuUsage()
    return { port, cpuMicros: user + system }
  }
})
