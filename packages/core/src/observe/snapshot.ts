import type { PoolEngine } from '../pool/pool-engine.ts'
import type { PoolStats } from './stats.ts'

/** Who holds and who waits, for people. Durations are milliseconds. */
export interface PoolSnapshot {
  readonly stats: PoolStats
  readonly leases: readonly {
    readonly label: string
    readonly threadId: number
    readonly heldMs: number
    readonly suspected: boolean
    readonly stack: string | undefined
  }[]
  readonly waiters: readonly { readonly label: string; readonly waitedMs: number }[]
}

export function takeSnapshot(engine: PoolEngine, now: number): PoolSnapshot {
  return {
    stats: engine.stats(),
    leases: engine.leases().map((lease) => ({
      label: lease.label,
      threadId: lease.threadId,
      heldMs: now - lease.since,
      suspected: lease.suspected,
      stack: lease.stack,
    })),
    waiters: [...engine.waiters()].map((waiter) => ({
      label: waiter.label,
      waitedMs: now - waiter.since,
    })),
  }
}
