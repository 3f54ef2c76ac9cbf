import { LifeguardError, type Pool } from '@lifeguard/core'
import type { OpenMetricsContentType, PrometheusContentType, Registry } from 'prom-client'

import type { Metrics } from './metrics.ts'
import { RegistryHub } from './registry-hub.ts'
import { sourceOf } from './sources.ts'

export interface PrometheusMetricsOptions {
  /** prom-client's, and yours: nothing is ever put into its global registry unless you give that one. */
  readonly registry: Registry | Registry<PrometheusContentType | OpenMetricsContentType>
  /** Default: every pool of the process, also those that are made later. */
  readonly pools?: readonly Pool[]
  /** Added to every series, such as `{ service: 'shop' }`; they win over labels of ours. Default: none. */
  readonly labels?: Readonly<Record<string, string>>
  /** Also under the names that Micrometer has for HikariCP, such as `hikaricp_connections_active`. Default: false. */
  readonly hikari?: boolean
}

const LABEL = /^(?!__|le$)[A-Za-z_]\w*$/

/**
 * Puts the metrics of pools into a registry of prom-client. They are read when Prometheus asks and cost nothing in
 * between. A pool that has ended is told of no more.
 *
 * A registry may be given several times, to tell of other pools or again after a reload: each pool is there once, with
 * the labels of the latest call that has it. Pools that share a name, a server and a database share their series.
 *
 * @throws LifeguardError `ERR_OPTIONS` where a label cannot be one, or the registry has another metric of such a name.
 */
export function prometheusMetrics(options: PrometheusMetricsOptions): Metrics {
  const { registry, pools, labels, hikari } = options
  if (typeof registry?.registerMetric !== 'function') {
    throw new LifeguardError('ERR_OPTIONS', "registry: expected one of prom-client's")
  }
  if (pools !== undefined && !Array.isArray(pools)) {
    throw new LifeguardError('ERR_OPTIONS', 'pools: expected an array of pools')
  }
  const wrong = Object.keys(labels ?? {}).find((name) => !LABEL.test(name))
  if (wrong !== undefined) {
    throw new LifeguardError('ERR_OPTIONS', `labels: ${JSON.stringify(wrong)} cannot be one`)
  }
  const leave = RegistryHub.of(registry as Registry).join(sourceOf(pools, labels, hikari))
  return { stop: leave }
}
