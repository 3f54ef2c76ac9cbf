import { LifeguardError, type Pool } from '@lifeguard/core'
import type { Meter, MeterProvider } from '@opentelemetry/api'

import { MeterHub } from './meter-hub.ts'
import type { Metrics } from './metrics.ts'
import { sourceOf } from './sources.ts'

export interface OpenTelemetryMetricsOptions {
  /** `metrics.getMeterProvider()` of `@opentelemetry/api`, once your SDK has started. */
  readonly meterProvider?: MeterProvider
  /** Instead of a `meterProvider`: a meter of your own. */
  readonly meter?: Meter
  /** Default: every pool of the process, also those that are made later. */
  readonly pools?: readonly Pool[]
  /** Added to every series; they win over attributes of ours. Default: none. */
  readonly attributes?: Readonly<Record<string, string | number>>
}

/**
 * Tells a meter of OpenTelemetry of pools: `db.client.connection.*` of its semantic conventions, and `lifeguard.*`.
 * Counts are read when the SDK collects; durations are recorded as they happen.
 *
 * A meter may be given several times, to tell of other pools or again after a reload: each pool is there once, with the
 * attributes of the latest call that has it. Pools that share a name, a server and a database share their series.
 *
 * @throws LifeguardError `ERR_OPTIONS` where there is neither a `meterProvider` nor a `meter`.
 */
export function openTelemetryMetrics(options: OpenTelemetryMetricsOptions): Metrics {
  const { pools, attributes } = options
  const meter = options.meter ?? options.meterProvider?.getMeter('@lifeguard/metrics')
  if (!meter) {
    throw new LifeguardError('ERR_OPTIONS', 'meterProvider: give metrics.getMeterProvider()')
  }
  return { stop: MeterHub.of(meter).join(sourceOf(pools, attributes)) }
}
