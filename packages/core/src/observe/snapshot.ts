import type { Session } from '../connector/connector.ts'
import { databaseOf, type ResolvedPoolOptions } from '../options/options.ts'
import type { Lease } from '../pool/lease.ts'
import type { PoolEngine, PoolPhase, PoolRefusal, PoolTrouble } from '../pool/pool-engine.ts'
import type { Waiter } from '../pool/wait-queue.ts'
import { digestOf } from '../session/digest.ts'
import type { PoolStats } from './stats.ts'

/** One pool at one instant, for people: no secret, and nothing that a statement was about. Durations are milliseconds. */
export interface PoolSnapshot {
  readonly stats: PoolStats
  readonly phase: PoolPhase
  /** `host:port`, or the path of a socket. */
  readonly target: string
  readonly database: string | undefined
  readonly settings: PoolSettings
  /** While it cannot connect. */
  readonly trouble: PoolTrouble | undefined
  /** Undefined where everybody has been served so far. */
  readonly refusal: PoolRefusal | undefined
  /** The server's ids of its connections, lent or not; one that is being opened has none yet. */
  readonly threadIds: readonly number[]
  /** Who holds a connection, those that have held it for longest first. */
  readonly leases: readonly LeaseSnapshot[]
  /** Who waits for one, in the order in which they are served. */
  readonly waiters: readonly WaiterSnapshot[]
}

/** `running`: a statement is. `transaction`: none is, and what those before it did is not committed. */
export type LeaseState = 'running' | 'idle' | 'transaction'

export interface LeaseSnapshot {
  /** Whose it is: a route, a queue and the name of a job, or what its owner called it. May be empty. */
  readonly label: string
  /** The server's id of the connection, the one in its process list. */
  readonly threadId: number
  /** When it was lent, on the process's own clock: with `threadId` it tells a lease from every other one. */
  readonly sinceMs: number
  readonly heldMs: number
  readonly state: LeaseState
  /** For how long it has been in that state. */
  readonly stateMs: number
  /** For how long a transaction has been open, as far as the server's answers have told. */
  readonly transactionMs: number | undefined
  /** The digest of what runs, or ran last: every literal is `?`. */
  readonly statement: string | undefined
  /** It has been held for longer than `leakThreshold`. */
  readonly suspected: boolean
  /** Where it was acquired; only with `leakThreshold`. */
  readonly stack: string | undefined
}

export interface WaiterSnapshot {
  readonly label: string
  readonly waitedMs: number
}

const SETTINGS = [
  'enabled',
  'min',
  'max',
  'maxIdle',
  'acquireTimeout',
  'queueLimit',
  'idleTimeout',
  'maxLifetime',
  'maxUses',
  'healthCheckInterval',
  'statementTimeout',
  'leakThreshold',
  'hold',
  'settle',
] as const

/** What the pool was told, or its defaults. Durations are milliseconds. */
export type PoolSettings = Pick<ResolvedPoolOptions, (typeof SETTINGS)[number]>

export function takeSnapshot(engine: PoolEngine, now: number): PoolSnapshot {
  return {
    stats: engine.stats(),
    phase: engine.phase,
    target: engine.target,
    database: databaseOf(engine.options.driver),
    settings: settingsOf(engine.options),
    trouble: engine.trouble,
    refusal: engine.refusal,
    threadIds: engine.threadIds(),
    leases: engine
      .leasesWithSessions()
      .map(({ lease, session }) => lookAt(lease, session, now))
      .sort((a, b) => b.heldMs - a.heldMs),
    waiters: Array.from(engine.waiters(), (waiter: Waiter) => ({
      label: labelOf(waiter),
      waitedMs: now - waiter.since,
    })),
  }
}

const LONGEST_LABEL = 200

/** It may be of any length, which must not spoil the report of all others. */
function labelOf({ label }: { readonly label: string }): string {
  return label.slice(0, LONGEST_LABEL)
}

function lookAt(lease: Lease, session: Session, now: number): LeaseSnapshot {
  const { since, suspected, stack } = lease
  const { statement, startedAt, endedAt, transactionSince } = session.activity()
  // What ran before was somebody else's.
  const own = startedAt >= since
  return {
    label: labelOf(lease),
    threadId: session.threadId,
    sinceMs: since,
    heldMs: now - since,
    state:
      endedAt === undefined ? 'running' : transactionSince === undefined ? 'idle' : 'transaction',
    stateMs: now - Math.max(since, endedAt ?? startedAt),
    transactionMs: transactionSince === undefined ? undefined : now - transactionSince,
    statement: own && statement !== undefined ? digestOf(statement) : undefined,
    suspected,
    stack,
  }
}

export function settingsOf(options: ResolvedPoolOptions): PoolSettings {
  return Object.fromEntries(SETTINGS.map((name) => [name, options[name]])) as PoolSettings
}
