import { subscribe, tracingChannel } from 'node:diagnostics_channel'
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
import Fastify, { type FastifyInstance } from 'fastify'
import type { RowDataPacket } from 'mysql2/promise'
import { Registry } from 'prom-client'

import { after } from '../demo/after.ts'
import { buildApp } from '../demo/app.ts'
import { serve } from './serve.ts'

/** Who looks. */
export type Look = 'nobody' | 'metrics' | 'heard' | 'all' | 'recorded' | 'leaks'

/** What is looked at: the demo's shop, or the least that a request with a database can do. */
export type Service = 'shop' | 'select'

export interface SeenConfig {
  readonly uri: string
  readonly service: Service
  readonly look: Look
}

/** What the app has done so far. */
export interface SeenState {
  readonly port: number
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

const registry = new Registry()
let collect: () => unknown = () => {}
let leakThreshold = 0

const LOOKS: Readonly<Record<Look, () => void>> = {
  nobody: ignore,
  metrics: addMetrics,
  heard: listen,
  all() {
    addMetrics()
    listen()
  },
  recorded() {
    openTelemetryMetrics({ meterProvider: startOpenTelemetry([]) })
  },
  leaks() {
    leakThreshold = 60_000
  },
}

function addMetrics(): void {
  prometheusMetrics({ registry, hikari: true })
  startOpenTelemetry([openTelemetryProducer()])
}

function listen(): void {
  for (const event of Object.keys(EVENTS)) subscribe(`lifeguard:${event}`, ignore)
  tracingChannel('lifeguard:acquire').subscribe(TRACER)
}

/** Collected when it is told to, not while others have their turn; what comes is thrown away. */
function startOpenTelemetry(metricProducers: MetricProducer[]): MeterProvider {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, metricProducers })
  const provider = new MeterProvider({ readers: [reader] })
  collect = async () => {
    await provider.forceFlush()
    exporter.reset()
  }
  return provider
}

const CONNECTIONS = 10

const SERVICES: Readonly<Record<Service, (uri: string) => Promise<FastifyInstance>>> = {
  shop: (uri) => buildApp(after({ uri, max: CONNECTIONS })),
  select: async (uri) => {
    const app = Fastify()
    await app.register(lifeguard, { uri, max: CONNECTIONS, leakThreshold })
    let requests = 0
    app.get('/', async (request) => {
      requests++
      const [rows] = await request.db.query<RowDataPacket[]>(
        'SELECT id, name, price FROM item WHERE id = ?',
        [(requests % 1000) + 1],
      )
      return rows[0]
    })
    return app
  },
}

await serve(async ({ uri, service, look }: SeenConfig) => {
  LOOKS[look]()
  const app = await SERVICES[service](uri)
  app.get('/metrics', () => registry.metrics())
  app.get('/report', () => report())
  app.get('/collect', async () => {
    await collect()
    return { ok: true }
  })
  app.get('/health', () => ({ ok: true }))
  let requests = 0
  app.server.on('request', () => requests++)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return async (): Promise<SeenState> => {
    const { user, system } = process.cpuUsage()
    return { port, requests, cpuMicros: user + system }
  }
})
