import {
  type Channel,
  channel,
  tracingChannel,
  type TracingChannel,
} from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'

import type { EvictReason } from '../pool/slot.ts'

interface OfPool {
  /** The pool's name. */
  readonly pool: string
}

/** The facts that a pool reports, by name. Durations are milliseconds; nothing here holds a secret or user data. */
export interface PoolEvents {
  connected: OfPool & {
    readonly connection: number
    readonly threadId: number
    readonly connectMs: number
  }
  connectFailed: OfPool & { readonly error: Error }
  /** Somebody begins to wait because every connection is lent and no more may be opened. */
  queued: OfPool & { readonly label: string; readonly waiting: number }
  acquired: OfPool & {
    readonly connection: number
    readonly label: string
    readonly waitMs: number
  }
  acquireTimedOut: OfPool & { readonly label: string; readonly waitMs: number }
  released: OfPool & { readonly connection: number; readonly label: string; readonly useMs: number }
  /** Uncommitted work was undone. `certain` is false where the last answer was an error, which does not tell. */
  rolledBack: OfPool & {
    readonly connection: number
    readonly label: string
    readonly certain: boolean
  }
  reset: OfPool & { readonly connection: number; readonly label: string }
  /** A running statement was ended, because its scope, lease or time was over. */
  killed: OfPool & { readonly connection: number; readonly label: string }
  evicted: OfPool & {
    readonly connection: number
    readonly reason: EvictReason
    readonly cause: unknown
  }
  leakSuspected: OfPool & {
    readonly connection: number
    readonly label: string
    readonly heldMs: number
    readonly stack: string | undefined
  }
  leakWithdrawn: OfPool & {
    readonly connection: number
    readonly label: string
    readonly heldMs: number
  }
  /** `end` had to cut what was still running. */
  cut: OfPool & { readonly labels: readonly string[] }
  ended: OfPool
}

export type PoolEventName = keyof PoolEvents

const channels = new Map<PoolEventName, Channel>()

/** `lifeguard:acquired` and so on. One channel tells the facts of all pools. */
function channelOf(name: PoolEventName): Channel {
  let found = channels.get(name)
  if (!found) {
    found = channel(`lifeguard:${name}`)
    channels.set(name, found)
  }
  return found
}

/** What a tracer is told of an acquire, from its beginning to its end. */
export interface AcquireTrace {
  readonly pool: string
  readonly label: string
  /** The lease, from `asyncStart` on. */
  result?: unknown
}

/** `tracing:lifeguard:acquire:start` and so on, so that a tracer can make a span of the waiting. */
export const acquiring: TracingChannel<AcquireTrace, AcquireTrace> =
  tracingChannel('lifeguard:acquire')

/** Of an acquire that need not wait: tells what `acquiring.tracePromise` would, in that order, without a promise. */
export function traceAtOnce(trace: AcquireTrace, result: unknown): void {
  acquiring.start.runStores(trace, () => {})
  acquiring.end.publish(trace)
  trace.result = result
  acquiring.asyncStart.publish(trace)
  acquiring.asyncEnd.publish(trace)
}

/** Typed events, and diagnostics channels, whose facts are only built where somebody listens. */
export class Facts {
  /** The pool's name, which every fact is built with: to add it in `emit`, to facts of many shapes, is slow. */
  readonly pool: string
  readonly #emitter = new EventEmitter()

  constructor(pool: string) {
    this.pool = pool
  }

  on<N extends PoolEventName>(name: N, listener: (fact: PoolEvents[N]) => void): void {
    this.#emitter.on(name, listener)
  }

  off<N extends PoolEventName>(name: N, listener: (fact: PoolEvents[N]) => void): void {
    this.#emitter.off(name, listener)
  }

  heard(name: PoolEventName): boolean {
    return this.#emitter.listenerCount(name) > 0 || channelOf(name).hasSubscribers
  }

  emit<N extends PoolEventName>(name: N, fact: PoolEvents[N]): void {
    const heardBy = channelOf(name)
    if (heardBy.hasSubscribers) heardBy.publish(fact)
    if (this.#emitter.listenerCount(name) > 0) this.#tell(name, fact)
  }

  #tell<N extends PoolEventName>(name: N, fact: PoolEvents[N]): void {
    const listeners = this.#emitter.listeners(name) as ((fact: PoolEvents[N]) => void)[]
    for (const listener of listeners) {
      try {
        listener(fact)
      } catch (error) {
        // The listener's own affair, to be seen as such: it must break neither the pool nor other listeners.
        process.emitWarning(
          `a listener of the pool's '${name}' threw: ${String(error)}`,
          'LifeguardWarning',
        )
      }
    }
  }
}
