import type { HistogramSnapshot } from '@lifeguard/core'

import type { Attributes, MetricDefinition } from './definition.ts'
import type { Point } from './points.ts'
import { labelName, prometheusName, prometheusType } from './prometheus-name.ts'

type Labels = Readonly<Record<string, string>>

interface Sample {
  readonly metricName?: string
  /** Besides the shared ones. */
  readonly labels: Labels
  /** The same object in all samples of a pool: prom-client writes it down once for all of them. */
  readonly sharedLabels: Labels
  readonly value: number
}

const NONE: Labels = {}

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
    const values = this.#samples().map(({ labels, sharedLabels, ...sample }) => ({
      ...sample,
      labels: { ...sharedLabels, ...labels },
    }))
    return this.#answer(values)
  }

  /** What a registry asks for instead where it writes text. */
  getForPromString(): Promise<object> {
    return this.#answer(this.#samples())
  }

  /** The values are the pools' own, and theirs to keep. */
  reset(): void {}

  #answer(values: readonly object[]): Promise<object> {
    const { name, help, type, aggregator } = this
    return Promise.resolve({ name, help, type, aggregator, values })
  }

  #samples(): Sample[] {
    return this.#read().flatMap(({ attributes, value }) => {
      const sharedLabels = labelsOf(attributes)
      return typeof value === 'number'
        ? { labels: NONE, sharedLabels, value }
        : this.#histogram(sharedLabels, value)
    })
  }

  #histogram(sharedLabels: Labels, { buckets, count, sumMs }: HistogramSnapshot): Sample[] {
    let atMost = 0
    const cumulative = buckets.map((bucket) => {
      atMost += bucket.count
      const le = bucket.leMs === Infinity ? '+Inf' : String(bucket.leMs / 1000)
      return { metricName: `${this.name}_bucket`, labels: { le }, sharedLabels, value: atMost }
    })
    return [
      ...cumulative,
      { metricName: `${this.name}_sum`, labels: NONE, sharedLabels, value: sumMs / 1000 },
      { metricName: `${this.name}_count`, labels: NONE, sharedLabels, value: count },
    ]
  }
}

/** Every metric of one scrape has the same attributes, which are made anew for the next one. */
const labelsByAttributes = new WeakMap<Attributes, Labels>()

function labelsOf(attributes: Attributes): Labels {
  const known = labelsByAttributes.get(attributes)
  if (known) return known
  const labels = Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [labelName(key), String(value)]),
  )
  labelsByAttributes.set(attributes, labels)
  return labels
}
