import type { MetricDefinition } from './definition.ts'
import { HIKARI } from './hikari-metrics.ts'
import { LIFEGUARD } from './lifeguard-metrics.ts'
import { labelName, prometheusName, prometheusType } from './prometheus-name.ts'

/** One metric, in the words of both exporters. */
export interface MetricDescription {
  readonly name: string
  readonly instrument: MetricDefinition['instrument']
  /** UCUM: `s`, or what is counted, in braces. */
  readonly unit: string
  /** The attribute that its series of one pool differ in. */
  readonly attribute: string | undefined
  readonly description: string
  readonly prometheus: {
    readonly name: string
    readonly type: 'counter' | 'gauge' | 'histogram'
    readonly label: string | undefined
  }
}

/** Every metric there is; those for HikariCP's dashboards come with `hikari: true` only, and only to Prometheus. */
export const METRICS: {
  readonly lifeguard: readonly MetricDescription[]
  readonly hikari: readonly MetricDescription[]
} = {
  lifeguard: LIFEGUARD.definitions.map(describe),
  hikari: HIKARI.definitions.map(describe),
}

function describe(definition: MetricDefinition): MetricDescription {
  const { name, instrument, unit, description } = definition
  const attribute = instrument === 'histogram' ? undefined : definition.attribute
  return {
    name,
    instrument,
    unit,
    attribute,
    description,
    prometheus: {
      name: prometheusName(definition),
      type: prometheusType(definition),
      label: attribute && labelName(attribute),
    },
  }
}
