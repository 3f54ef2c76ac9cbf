import type { HistogramSnapshot } from '@lifeguard/core'

import type { MetricDefinition } from './definition.ts'
import type { Point } from './points.ts'
import { labelName, prometheusName, prometheusType } from './prometheus-name.ts'

type Labels = Record<string, string>

interface Sample {
  readonly metricName?: string
  readonly labels: Labels
  readonly value: number
}

/** What a registry asks of a metric, without prom-client: its values are read when it is asked. */
export class RegistryMetric {
  /** Written by registries that speak OpenMetrics, which take `_total` off. */
  name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** How the values of a cluster's workers become one. */
  readonly aggregator: 'sum' | 'max'
  readonly #read: () => readonly Point[]

  constructor(definition: MetricDefinition, read: () => readonly Point[]) {
    this.name = prometheusName(definition)
    this.help = definition.description
    this.type = prometheusType(definition)
    this.aggregator = definition.instrument === 'gauge' ? 'max' : 'sum'
    this.#read = read
  }

  get(): Promise<object> {
    const { name, help, type, aggregator } = this
    const values = this.#read().flatMap((point) => this.#samples(point))
    return Promise.resolve({ name, help, type, aggregator, values })
  }

  /** The values are the pools' own, and theirs to keep. */
  reset(): void {}

  #samples({ attributes, value }: Point): Sample[] {
    const labels: Labels = {}
    for (const [key, text] of Object.entries(attributes)) labels[labelName(key)] = String(text)
    return typeof value === 'number' ? [{ labels, value }] : this.#histogram(labels, value)
  }

  #histogram(labels: Labels, { buckets, count, sumMs }: HistogramSnapshot): Sample[] {
    let atMost = 0
    const cumulative = buckets.map((bucket) => {
      atMost += bucket.count
      const le = bucket.leMs === Infinity ? '+Inf' : String(bucket.leMs / 1000)
      return { metricName: `${this.name}_bucket`, labels: { ...labels, le }, value: atMost }
    })
    return [
      ...cumulative,
      { metricName: `${this.name}_sum`, labels, value: sumMs / 1000 },
      { metricName: `${this.name}_count`, labels, value: count },
    ]
  }
}
