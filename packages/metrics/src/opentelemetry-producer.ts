import type { HistogramSnapshot, Pool } from '@lifeguard/core'
import type { HrTime } from '@opentelemetry/api'
import type {
  CollectionResult,
  DataPoint,
  Histogram,
  MetricData,
  MetricProducer,
  ResourceMetrics,
} from '@opentelemetry/sdk-metrics'

import type { MetricDefinition } from './definition.ts'
import { BOUNDS_S, LIFEGUARD } from './lifeguard-metrics.ts'
import type { Point } from './points.ts'
import { Reader } from './reader.ts'
import { sourceOf } from './sources.ts'

export interface OpenTelemetryProducerOptions {
  /** Default: every pool of the process, also those that are made later. */
  readonly pools?: readonly Pool[]
  /** Added to every series; they win over attributes of ours. Default: none. */
  readonly attributes?: Readonly<Record<string, string | number>>
}

// The SDK's enumerations, of which only the types are imported.
const CUMULATIVE = 1
const DOUBLE = 1
const POINT_TYPE = { histogram: 0, gauge: 2, counter: 3, upDownCounter: 3 } as const

/**
 * As `openTelemetryMetrics`, for a reader of OpenTelemetry's SDK: `new PeriodicExportingMetricReader({ exporter,
 * metricProducers: [openTelemetryProducer()] })`. Durations, too, are read from the pools when the reader collects, so
 * that nothing is recorded, and nothing costs, in between. Its sums are cumulative, whatever the exporter prefers.
 */
export function openTelemetryProducer({
  pools,
  attributes,
}: OpenTelemetryProducerOptions = {}): MetricProducer {
  const reader = new Reader(() => [LIFEGUARD])
  const sources = [sourceOf(pools, attributes)]
  return {
    collect: () => Promise.resolve(collected([...reader.read(sources).values()])),
  }
}

function collected(points: readonly Point[]): CollectionResult {
  const times = { startTime: hrTime(performance.timeOrigin), endTime: hrTime(Date.now()) }
  const metrics = LIFEGUARD.definitions.map((definition) => {
    const own = points.filter((point) => point.definition === definition)
    return metricOf(
      definition,
      own.map(({ attributes, value }) => ({ attributes, value: valueOf(value), ...times })),
    )
  })
  const scopeMetrics = [{ scope: { name: '@lifeguard/metrics' }, metrics }]
  // The reader takes the resource of its own SDK.
  return { resourceMetrics: { scopeMetrics } as unknown as ResourceMetrics, errors: [] }
}

function metricOf(
  { name, description, unit, instrument }: MetricDefinition,
  dataPoints: DataPoint<number | Histogram>[],
): MetricData {
  const metric = {
    descriptor: { name, description, unit, valueType: DOUBLE },
    aggregationTemporality: CUMULATIVE,
    dataPointType: POINT_TYPE[instrument],
    isMonotonic: instrument === 'counter',
    dataPoints,
  }
  return metric as unknown as MetricData
}

function valueOf(value: number | HistogramSnapshot): number | Histogram {
  if (typeof value === 'number') return value
  const { buckets, count, sumMs } = value
  return {
    buckets: { boundaries: [...BOUNDS_S], counts: buckets.map((bucket) => bucket.count) },
    count,
    sum: sumMs / 1000,
  }
}

function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.floor((ms - seconds * 1000) * 1e6)]
}
