import type { MetricDefinition, MetricFamily, ScalarDefinition } from './definition.ts'
import { CREATING, USING, WAITING } from './durations.ts'

const DEFINITIONS: readonly MetricDefinition[] = [
  gauge('', 'Connections, opening and closing ones included', ({ stats }) => stats.total),
  gauge('.active', 'Connections lent now', ({ stats }) => stats.inUse),
  gauge('.idle', 'Connections that nobody uses now', ({ stats }) => stats.idle),
  gauge('.max', 'Connections at most, as set', ({ stats }) => stats.max),
  gauge('.min', 'Connections kept open, as set', ({ settings }) => settings.min),
  gauge('.pending', 'Acquires that wait for a connection now', ({ stats }) => stats.waiting),
  {
    name: 'hikaricp.connections.timeout',
    instrument: 'counter',
    unit: '{timeout}',
    description: 'Acquires that have waited in vain until their time-out',
    read: ({ stats }) => stats.timeouts,
  },
  {
    name: 'hikaricp.connections.acquire',
    description: 'Time from an acquire to its connection',
    ...WAITING,
  },
  {
    name: 'hikaricp.connections.usage',
    description: 'Time from an acquire that was served to its release',
    ...USING,
  },
  {
    name: 'hikaricp.connections.creation',
    description: 'Time it took to open a connection and set it up',
    ...CREATING,
  },
]

/** The names that Micrometer has for HikariCP, for dashboards that are there already. */
export const HIKARI: MetricFamily = {
  definitions: DEFINITIONS,
  attributesOf: ({ stats }) => ({ pool: stats.name }),
}

function gauge(
  name: string,
  description: string,
  read: ScalarDefinition['read'],
): ScalarDefinition {
  return {
    name: `hikaricp.connections${name}`,
    instrument: 'upDownCounter',
    unit: '{connection}',
    description,
    read,
  }
}
