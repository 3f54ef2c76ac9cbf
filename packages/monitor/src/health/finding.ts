import { foreignHost, type PoolView } from '../view/view.ts'

/** `critical`: users are hurt now. `warning`: they will be. */
export type Severity = 'critical' | 'warning'
export type Health = 'well' | Severity

/** Something that is not as it should be, in words, with what to do about it. */
export interface Finding {
  readonly severity: Severity
  /** For programs; never renamed. */
  readonly code: FindingCode
  /** The pool that it is about; absent where it is a process or the server. */
  readonly pool?: string | undefined
  readonly pid?: number | undefined
  /** The machine or container of that process, where it is not this one. */
  readonly host?: string | undefined
  /** Who holds the connection that it is about. */
  readonly owner?: string | undefined
  /** Of that owner, in the same trouble. */
  readonly connections?: number | undefined
  /** How long it has been so, where that is known. */
  readonly ageMs?: number | undefined
  readonly message: string
  readonly advice: string
}

export type FindingCode =
  | 'no-process'
  | 'process-silent'
  | 'cannot-connect'
  | 'breaker-open'
  | 'server-full'
  | 'pool-exhausted'
  | 'slow-connect'
  | 'callers-refused'
  | 'lock-wait'
  | 'table-lock-wait'
  | 'leak-suspected'
  | 'idle-in-transaction'
  | 'long-query'
  | 'low-reuse'
  | 'pool-suspended'
  | 'pooling-off'
  | 'settings'
  | 'server-nearly-full'
  | 'server-unseen'
  | 'other-server'

/** Which pool it is about. */
export function subjectOf({ pool, process }: PoolView): Pick<Finding, 'pool' | 'pid' | 'host'> {
  return { pool: pool.stats.name, pid: process.pid, host: foreignHost(process) }
}

/** Milliseconds. */
export interface Thresholds {
  /** A statement that runs for longer is told of. */
  readonly slow: number
  /** A transaction in which nothing happens for longer. */
  readonly idleInTransaction: number
  /** A connection that is held and not used for longer. */
  readonly unused: number
}

export const DEFAULT_THRESHOLDS: Thresholds = { slow: 1000, idleInTransaction: 1000, unused: 3000 }
