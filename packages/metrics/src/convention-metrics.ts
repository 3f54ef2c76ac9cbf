import type { MetricDefinition } from './definition.ts'
import { CREATING, USING, WAITING } from './durations.ts'

/** `db.client.connection.*` of OpenTelemetry's semantic conventions, and all of it. */
export const CONVENTION_METRICS: readonly MetricDefinition[] = [
  {
    name: 'db.client.connection.count',
    instrument: 'upDownCounter',
    unit: '{connection}',
    description:
      'Connections that the server may count: idle, or used (lent, being opened, cleaned or closed)',
    attribute: 'db.client.connection.state',
    read: ({ stats: { idle, total } }) => ({ idle, used: total - idle }),
  },
  {
    name: 'db.client.connection.idle.max',
    instrument: 'upDownCounter',
    unit: '{connection}',
    description: 'Idle connections at most, as set',
    read: ({ settings }) => settings.maxIdle,
  },
  {
    name: 'db.client.connection.idle.min',
    instrument: 'upDownCounter',
    unit: '{connection}',
    description: 'Connections kept open, as set',
    read: ({ settings }) => settings.min,
  },
  {
    name: 'db.client.connection.max',
    instrument: 'upDownCounter',
    unit: '{connection}',
    description: 'Connections at most, as set',
    read: ({ stats }) => stats.max,
  },
  {
    name: 'db.client.connection.pending_requests',
    instrument: 'upDownCounter',
    unit: '{request}',
    description: 'Acquires that wait for a connection now',
    read: ({ stats }) => stats.waiting,
  },
  {
    name: 'db.client.connection.timeouts',
    instrument: 'counter',
    unit: '{timeout}',
    description: 'Acquires that have waited in vain until their time-out',
    read: ({ stats }) => stats.timeouts,
  },
  {
    name: 'db.client.connection.create_time',
    description: 'Time it took to open a connection and set it up',
    ...CREATING,
  },
  {
    name: 'db.client.connection.wait_time',
    description: 'Time from an acquire to its connection; 0 where one was free',
    ...WAITING,
  },
  {
    name: 'db.client.connection.use_time',
    description: 'Time from an acquire that was served to its release',
    ...USING,
  },
]
