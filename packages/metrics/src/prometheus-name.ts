import type { MetricDefinition } from './definition.ts'

type Named = Pick<MetricDefinition, 'name' | 'instrument' | 'unit'>

/** As OpenTelemetry's rules translate it: the unit is spelt out, what is in braces is none, a counter is a total. */
export function prometheusName({ name, instrument, unit }: Named): string {
  const base = labelName(name)
  if (instrument === 'counter') return `${base}_total`
  return unit === 's' ? `${base}_seconds` : base
}

export function labelName(attribute: string): string {
  return attribute.replaceAll('.', '_')
}

/** `counter`, `gauge` or `histogram`. */
export function prometheusType({ instrument }: Named): 'counter' | 'gauge' | 'histogram' {
  return instrument === 'upDownCounter' ? 'gauge' : instrument
}
