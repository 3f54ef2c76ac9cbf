import {
  type DataPoint,
  DataPointType,
  type Histogram,
  MeterProvider,
  type MetricData,
  type MetricProducer,
  MetricReader,
} from '@opentelemetry/sdk-metrics'
import type { Test } from 'tap'

class AskedReader extends MetricReader {
  protected override onShutdown(): Promise<void> {
    return Promise.resolve()
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve()
  }
}

export interface CollectedMetric {
  readonly name: string
  readonly unit: string
  readonly kind: 'counter' | 'upDownCounter' | 'gauge' | 'histogram'
  readonly points: readonly DataPoint<number | Histogram>[]
}

/** OpenTelemetry's SDK, which collects when it is asked to. */
export function startSdk(
  t: Test,
  ...metricProducers: MetricProducer[]
): {
  readonly meterProvider: MeterProvider
  readonly collect: () => Promise<CollectedMetric[]>
} {
  const reader = new AskedReader({ metricProducers })
  const meterProvider = new MeterProvider({ readers: [reader] })
  t.teardown(() => meterProvider.shutdown())
  return { meterProvider, collect: () => collect(reader) }
}

/** The value of the one point that has these attributes. */
export function pointOf(
  metrics: readonly CollectedMetric[],
  name: string,
  attributes: Readonly<Record<string, string>> = {},
): number | Histogram | undefined {
  const points = metrics.find((metric) => metric.name === name)?.points ?? []
  const found = points.filter((point) =>
    Object.entries(attributes).every(([key, value]) => point.attributes[key] === value),
  )
  if (found.length > 1) throw new Error(`${found.length} points of ${name}`)
  return found[0]?.value
}

async function collect(reader: MetricReader): Promise<CollectedMetric[]> {
  const { resourceMetrics, errors } = await reader.collect()
  if (errors.length > 0) throw errors[0]
  return resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
    metrics.map((metric) => ({
      name: metric.descriptor.name,
      unit: metric.descriptor.unit,
      kind: kindOf(metric),
      points: metric.dataPoints as DataPoint<number | Histogram>[],
    })),
  )
}

function kindOf(metric: MetricData): CollectedMetric['kind'] {
  if (metric.dataPointType === DataPointType.GAUGE) return 'gauge'
  if (metric.dataPointType === DataPointType.SUM) {
    return metric.isMonotonic ? 'counter' : 'upDownCounter'
  }
  return 'histogram'
}
