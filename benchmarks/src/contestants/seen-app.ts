import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import type { AddressInfo } from 'node:net'

import { type PoolEventName, report } from '@lifeguard/core'
import { lifeguard } from '@lifeguard/fastify'
import { openTelemetryMetrics, openTelemetryProducer, prometheusMetrics } from '@lifeguard/metrics'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import Fastify from 'fastify'
import type { RowDataPacket } from 'mysql2/promise'
import { Registry } from 'prom-client'

import type { Address } from '../benchmark.ts'
import { serve } from './serve.ts'

/** Who looks. The metrics are there all the time: they cost what it costs to ask for them. */
export type Look = 'nobody' | 'nobody again' | 'metrics' | 'channels' | 'all' | 'recorded'

export interface SeenConfig {
  readonly address: Address
  readonly size: number
}

/** What the app has done so far. */
export interface SeenState {
  readonly port: number
  readonly atMs: number
  readonly requests: number
  readonly cpuMicros: number
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

const ignore = (): void => {}
const TRACER = { start: ignore, end: ignore, asyncStart: ignore, asyncEnd: ignore, error: ignore }

/** An SDK that nobody reads records nothing; this one is read too seldom to be seen in a window. */
const recorder = new MeterProvider({
  readers: [
    new PeriodicExportingMetricReader({
      exporter: new InMemoryMetricExporter(AggregationTemporality.DELTA),
    }),
  ],
})

/** Begins a look; what it answers ends it. */
const LOOKS: Readonly<Record<Look, () => () => void>> = {
  nobody: () => ignore,
  'nobody again': () => ignore,
  metrics: () => ignore,
  channels: listen,
  all() {
    const stop = listen()
    const tracing = tracingChannel('lifeguard:acquire')
    tracing.subscribe(TRACER)
    return () => {
      tracing.unsubscribe(TRACER)
      stop()
    }
  },
  recorded() {
    const metrics = openTelemetryMetrics({ meterProvider: recorder })
    return () => metrics.stop()
  },
}

function listen(): () => void {
  const channels = Object.keys(EVENTS).map((event) => `lifeguard:${event}`)
  for (const channel of channels) subscribe(channel, ignore)
  return () => {
    for (const channel of channels) unsubscribe(channel, ignore)
  }
}

await serve(async ({ address, size }: SeenConfig) => {
  const registry = new Registry()
  prometheusMetrics({ registry, hikari: true })
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const metricProducers = [openTelemetryProducer()]
  const reader = new PeriodicExportingMetricReader({ exporter, metricProducers })
  const provider = new MeterProvider({ readers: [reader] })
  const app = Fastify()
  app.get('/metrics', () => registry.metrics())
  app.get('/report', () => report())
  // Collected when it is told to, not in somebody else's turn; what comes is thrown away.
  app.get('/collect', async () => {
    await provider.forceFlush()
    exporter.reset()
  })
  await app.register(lifeguard, { ...address, max: size })
  let requests = 0
  app.get('/', async (request) => {
    requests++
    const [rows] = await request.db.query<RowDataPacket[]>(
      'SELECT id, name, price FROM item WHERE id = ?',
      [(requests % 1000) + 1],
    )
    return rows[0]
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  let stopLooking = LOOKS.nobody()
  return async (look: Look | undefined): Promise<SeenState> => {
    if (look) {
      stopLooking()
      stopLooking = LOOKS[look]()
    }
    const { user, system } = process.cpuUsage()
    return { port, atMs: performance.now(), requests, cpuMicros: user + system }
  }
})
