import type { Session } from '../connector/connector.ts'
import type { Linked } from '../util/linked-list.ts'
import type { ConnectionState } from './connection-state.ts'
import type { Lease } from './lease.ts'

/** Why the pool lets go of a connection. */
export const EVICT_REASONS = [
  'connect failed',
  'connection lost',
  'check failed',
  'idle timeout',
  'max idle',
  'max lifetime',
  'max uses',
  'settle failed',
  'read-only server',
  'evicted by the user',
  'not pooled',
  'pool closed',
] as const

export type EvictReason = (typeof EVICT_REASONS)[number]

/** The pool's record of one connection, from before it opens until after it is closed. */
export class Slot implements Linked<Slot> {
  prev: Slot | undefined
  next: Slot | undefined
  readonly id: number
  /** Written by the inventory only. */
  state: ConnectionState = 'connecting'
  /** Absent while connecting. */
  session: Session | undefined
  /** The lease that has it, while it is in use. */
  lease: Lease | undefined
  expiresAt: number = Infinity
  idleSince = 0
  checkedAt = 0
  uses = 0
  /** A KILL is on its way, and hits whatever runs here when it arrives. */
  interrupting: Promise<void> | undefined
  /** What went wrong with it, for the event that tells of its end. */
  trouble: unknown
  /** Set where it must go as soon as it is free. */
  doom: EvictReason | undefined

  constructor(id: number) {
    this.id = id
  }
}
