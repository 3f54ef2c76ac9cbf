import type { HistogramSnapshot, Pool, PoolSnapshot } from '@lifeguard/core'

export type Attributes = Readonly<Record<string, string | number>>

/** One metric, for every exporter. Names, units and attributes are OpenTelemetry's; Prometheus's follow from them. */
export type MetricDefinition = ScalarDefinition | HistogramDefinition

interface Described {
  readonly name: string
  /** UCUM: `s`, or what is counted, in braces. */
  readonly unit: string
  /** One sentence without a full stop. */
  readonly description: string
}

export interface ScalarDefinition extends Described {
  readonly instrument: 'counter' | 'upDownCounter' | 'gauge'
  /** The attribute whose values `read` has as its keys. */
  readonly attribute?: string
  read(snapshot: PoolSnapshot): number | Readonly<Record<string, number>>
}

export interface HistogramDefinition extends Described {
  readonly instrument: 'histogram'
  read(snapshot: PoolSnapshot): HistogramSnapshot
  /** Has `record` told of every duration from now on, in milliseconds; what it returns ends that. */
  listen(pool: Pool, record: (ms: number) => void): () => void
}

/** Metrics that tell a pool from others by the same attributes. */
export interface MetricFamily {
  readonly definitions: readonly MetricDefinition[]
  attributesOf(snapshot: PoolSnapshot): Attributes
}
