import type { Pool, PoolEvents, PoolSnapshot } from '@lifeguard/core'

import type { HistogramDefinition } from './definition.ts'

/** The three durations that a pool measures, whatever they are called. */
type Duration = Pick<HistogramDefinition, 'instrument' | 'unit' | 'read' | 'listen'>

const SECONDS = { instrument: 'histogram', unit: 's' } as const

export const CREATING: Duration = {
  ...SECONDS,
  read: ({ stats }: PoolSnapshot) => stats.connect,
  listen: (pool, record) => listen(pool, 'connected', ({ connectMs }) => record(connectMs)),
}

export const WAITING: Duration = {
  ...SECONDS,
  read: ({ stats }: PoolSnapshot) => stats.wait,
  listen: (pool, record) => listen(pool, 'acquired', ({ waitMs }) => record(waitMs)),
}

export const USING: Duration = {
  ...SECONDS,
  read: ({ stats }: PoolSnapshot) => stats.use,
  listen: (pool, record) => listen(pool, 'released', ({ useMs }) => record(useMs)),
}

function listen<N extends 'connected' | 'acquired' | 'released'>(
  pool: Pool,
  event: N,
  listener: (fact: PoolEvents[N]) => void,
): () => void {
  pool.on(event, listener)
  return () => pool.off(event, listener)
}
