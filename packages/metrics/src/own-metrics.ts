import type { LeaseSnapshot, LeaseState, PoolSnapshot } from '@lifeguard/core'

import type { MetricDefinition, ScalarDefinition } from './definition.ts'

/** `lifeguard.*`: what the conventions have no name for. */
export const OWN_METRICS: readonly MetricDefinition[] = [
  counter('lease.acquired', '{lease}', 'Acquires that were served', ({ stats }) => stats.acquired),
  counter(
    'lease.reused',
    '{lease}',
    'Acquires that were served by a connection that had been there before',
    ({ stats }) => stats.hits,
  ),
  {
    ...counter(
      'acquire.refused',
      '{request}',
      'Acquires that were refused before their time-out, by the code of the error',
      ({ stats }) => stats.refused,
    ),
    attribute: 'error.type',
  },
  counter(
    'lease.leaks',
    '{lease}',
    'Leases that were held for longer than leakThreshold',
    ({ stats }) => stats.leaks,
  ),
  {
    ...upDownCounter(
      'lease.count',
      '{lease}',
      'Connections lent now, by what they do',
      countByState,
    ),
    attribute: 'lifeguard.lease.state',
  },
  upDownCounter(
    'lease.suspected',
    '{lease}',
    'Leases that are held for longer than leakThreshold now',
    ({ leases }) => leases.filter((lease) => lease.suspected).length,
  ),
  longest('lease.oldest', 'How long the oldest lease has been held', ({ leases }) =>
    leases.map((lease) => lease.heldMs),
  ),
  longest('waiter.oldest', 'How long the acquire that waits for longest has waited', (snapshot) =>
    snapshot.waiters.map((waiter) => waiter.waitedMs),
  ),
  longest('transaction.longest', 'How long the oldest open transaction has been open', (snapshot) =>
    snapshot.leases.map((lease) => lease.transactionMs ?? 0),
  ),
  longest(
    'transaction.longest_idle',
    'For how long, at most, an open transaction has sent nothing',
    ({ leases }) => inState(leases, 'transaction').map((lease) => lease.stateMs),
  ),
  counter(
    'connection.rollbacks',
    '{rollback}',
    'Releases after which uncommitted work was rolled back',
    ({ stats }) => stats.rollbacks,
  ),
  counter(
    'connection.resets',
    '{reset}',
    'Releases after which the session was reset',
    ({ stats }) => stats.resets,
  ),
  counter(
    'connection.kills',
    '{kill}',
    'Statements that were ended because their time or their lease was over',
    ({ stats }) => stats.kills,
  ),
  {
    ...counter(
      'connection.evictions',
      '{connection}',
      'Connections that the pool has let go of, by reason',
      ({ stats }) => stats.evicted,
    ),
    attribute: 'lifeguard.eviction.reason',
  },
  counter(
    'connection.connect_failures',
    '{failure}',
    'Attempts to connect that have failed',
    ({ stats }) => stats.connectFailures,
  ),
  upDownCounter(
    'connection.connecting',
    '{connection}',
    'Connections being opened now',
    ({ stats }) => stats.connecting,
  ),
  upDownCounter(
    'connection.busy',
    '{connection}',
    'Connections being checked, cleaned or closed now',
    ({ stats }) => stats.busy,
  ),
  upDownCounter(
    'connection.effective_max',
    '{connection}',
    'Connections at most for now: less than the maximum after the server said that it is full',
    ({ stats }) => stats.effectiveMax,
  ),
  upDownCounter(
    'breaker.open',
    '{pool}',
    '1 while the server refuses connections and acquires are told so at once, else 0',
    ({ trouble }) => (trouble?.breakerOpen ? 1 : 0),
  ),
]

type Read = ScalarDefinition['read']

function counter(name: string, unit: string, description: string, read: Read): ScalarDefinition {
  return { name: `lifeguard.${name}`, instrument: 'counter', unit, description, read }
}

function upDownCounter(
  name: string,
  unit: string,
  description: string,
  read: Read,
): ScalarDefinition {
  return { name: `lifeguard.${name}`, instrument: 'upDownCounter', unit, description, read }
}

function longest(
  name: string,
  description: string,
  durationsMs: (snapshot: PoolSnapshot) => readonly number[],
): ScalarDefinition {
  return {
    name: `lifeguard.${name}`,
    instrument: 'gauge',
    unit: 's',
    description: `${description}; 0 where there is none`,
    read: (snapshot) => durationsMs(snapshot).reduce((a, b) => Math.max(a, b), 0) / 1000,
  }
}

function countByState({ leases }: PoolSnapshot): Record<LeaseState, number> {
  return {
    running: inState(leases, 'running').length,
    idle: inState(leases, 'idle').length,
    transaction: inState(leases, 'transaction').length,
  }
}

function inState(leases: readonly LeaseSnapshot[], state: LeaseState): LeaseSnapshot[] {
  return leases.filter((lease) => lease.state === state)
}
