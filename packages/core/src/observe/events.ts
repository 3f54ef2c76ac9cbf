import { type Channel, channel } from 'node:diagnostics_channel'

import { LifeguardError } from '../errors.ts'
import type { EvictReason } from '../pool/slot.ts'
import { warnOfThrown } from '../util/text.ts'

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

/**
 * For the life of the process: a channel that nobody holds may be collected, and a subscriber of its name get another
 * one than the pool that is made next.
 */
const channels = new Map<PoolEventName, Channel>()

function channelOf(name: PoolEventName): Channel {
  const found = channels.get(name) ?? channel(`lifeguard:${name}`)
  channels.set(name, found)
  return found
}

type Listener<F> = (fact: F) => void

/** One kind of fact, and who is told of it: listeners at this pool, and those at the channel `lifeguard:<name>` of all pools. */
class Topic<F> {
  readonly #name: string
  readonly #channel: Channel
  #listeners: readonly Listener<F>[] = []

  constructor(name: PoolEventName) {
    this.#name = name
    this.#channel = channelOf(name)
  }

  /** Asked before a fact is built. */
  get heard(): boolean {
    return this.#listeners.length > 0 || this.#channel.hasSubscribers
  }

  on(listener: Listener<F>): void {
    this.#listeners = [...this.#listeners, listener]
  }

  off(listener: Listener<F>): void {
    const at = this.#listeners.lastIndexOf(listener)
    if (at >= 0) this.#listeners = this.#listeners.toSpliced(at, 1)
  }

  tell(fact: F): void {
    this.#channel.publish(fact)
    if (this.#listeners.length > 0) this.#tellListeners(fact)
  }

  #tellListeners(fact: F): void {
    for (const listener of this.#listeners) {
      try {
        listener(fact)
      } catch (error) {
        // The listener's own affair, to be seen as such: it must break neither the pool nor other listeners.
        warnOfThrown(`a listener of the pool's '${this.#name}'`, error)
      }
    }
  }
}

type Topics = { readonly [N in PoolEventName]: Topic<PoolEvents[N]> }

/** All that a pool tells of. */
export class Facts implements Topics {
  /** The pool's name, which every fact is built with: to add it to facts of many shapes is slow. */
  readonly pool: string
  readonly connected: Topics['connected'] = new Topic('connected')
  readonly connectFailed: Topics['connectFailed'] = new Topic('connectFailed')
  readonly queued: Topics['queued'] = new Topic('queued')
  readonly acquired: Topics['acquired'] = new Topic('acquired')
  readonly acquireTimedOut: Topics['acquireTimedOut'] = new Topic('acquireTimedOut')
  readonly released: Topics['released'] = new Topic('released')
  readonly rolledBack: Topics['rolledBack'] = new Topic('rolledBack')
  readonly reset: Topics['reset'] = new Topic('reset')
  readonly killed: Topics['killed'] = new Topic('killed')
  readonly evicted: Topics['evicted'] = new Topic('evicted')
  readonly leakSuspected: Topics['leakSuspected'] = new Topic('leakSuspected')
  readonly leakWithdrawn: Topics['leakWithdrawn'] = new Topic('leakWithdrawn')
  readonly cut: Topics['cut'] = new Topic('cut')
  readonly ended: Topics['ended'] = new Topic('ended')

  constructor(pool: string) {
    this.pool = pool
  }

  /** @throws LifeguardError `ERR_OPTIONS` where there is no such event, or the listener is no function. */
  on<N extends PoolEventName>(name: N, listener: Listener<PoolEvents[N]>): void {
    if (typeof listener !== 'function') {
      throw new LifeguardError(
        'ERR_OPTIONS',
        `${this.pool}: the listener for '${name}' is no function`,
      )
    }
    this.#topic(name).on(listener)
  }

  off<N extends PoolEventName>(name: N, listener: Listener<PoolEvents[N]>): void {
    this.#topic(name).off(listener)
  }

  #topic<N extends PoolEventName>(name: N): Topics[N] {
    const topic: unknown = (this as Topics)[name]
    if (topic instanceof Topic) return topic as Topics[N]
    const names = Object.keys(this).filter((key) => key !== 'pool')
    throw new LifeguardError(
      'ERR_OPTIONS',
      `${this.pool}: there is no event '${name}'; there are ${names.join(', ')}`,
    )
  }
}
