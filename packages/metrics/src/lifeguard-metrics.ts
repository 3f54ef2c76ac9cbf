import { HISTOGRAM_BOUNDS_MS, type PoolSnapshot } from '@lifeguard/core'

import { CONVENTION_METRICS } from './convention-metrics.ts'
import type { Attributes, MetricFamily } from './definition.ts'
import { OWN_METRICS } from './own-metrics.ts'

/** Every metric that both exporters have. */
export const LIFEGUARD: MetricFamily = {
  definitions: [...CONVENTION_METRICS, ...OWN_METRICS],
  attributesOf,
}

/** The bounds of a pool's own histograms, in seconds. */
export const BOUNDS_S: readonly number[] = HISTOGRAM_BOUNDS_MS.map((ms) => ms / 1000)

function attributesOf({ stats, target, database }: PoolSnapshot): Attributes {
  return {
    'db.client.connection.pool.name': stats.name,
    // The protocol. Which of the two servers answers, nobody has asked.
    'db.system.name': 'mysql',
    ...(database === undefined ? {} : { 'db.namespace': database }),
    ...addressOf(target),
  }
}

/** `host:port`, where the host may be an IPv6 address, or the path of a socket. */
function addressOf(target: string): Attributes {
  const parts = /^(.*):(\d+)$/.exec(target)
  if (!parts || target.startsWith('/')) return { 'server.address': target }
  return {
    'server.address': parts[1]!.replace(/^\[(.*)\]$/, '$1'),
    'server.port': Number(parts[2]),
  }
}
