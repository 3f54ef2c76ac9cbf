import type { Clock, Timer } from '../util/clock.ts'
import { type Linked, LinkedList } from '../util/linked-list.ts'
import { labelText } from '../util/text.ts'
import type { CallerStack } from './caller-stack.ts'
import type { Lease } from './lease.ts'

/** A scope, as the pool sees it: it owns leases and waiters, and its end ends them. */
export interface LeaseOwner {
  readonly label: string
  readonly waiters: Set<Waiter>
  /** The scope that it was opened in: while the inner one waits, the outer one does. */
  readonly outer: LeaseOwner | undefined
  /** How many wait on its behalf, scopes inside of it included. Written by the wait queue only. */
  waiting: number
  /** Opened when the pool was closing already: it does not belong to the work that may be finished. */
  readonly late: boolean
  /** A lease of its has ended, by whomever. */
  leaseEnded(lease: Lease): void
}

/** An owner that holds one connection for all that it does. It is told in a later microtask than that in which it asks. */
export interface Holder extends LeaseOwner {
  /** @throws where it has ended meanwhile; then it has returned the lease. */
  held(lease: Lease): void
  notHeld(): void
}

/** One caller for whom nothing is free yet. */
export class Waiter implements Linked<Waiter> {
  prev: Waiter | undefined
  next: Waiter | undefined
  readonly since: number
  readonly deadline: number
  readonly owner: LeaseOwner | undefined
  readonly resolve: (lease: Lease) => void
  readonly reject: (error: Error) => void
  /** Where that is not the owner's. */
  readonly ownLabel: string | undefined
  /** Where it was asked for; only with `leakThreshold`. */
  origin: CallerStack | undefined
  stopListening: (() => void) | undefined

  get label(): string {
    return labelText(this.ownLabel ?? this.owner?.label)
  }

  constructor(
    since: number,
    deadline: number,
    label: string | undefined,
    owner: LeaseOwner | undefined,
    resolve: (lease: Lease) => void,
    reject: (error: Error) => void,
  ) {
    this.since = since
    this.deadline = deadline
    this.ownLabel = label
    this.owner = owner
    this.resolve = resolve
    this.reject = reject
  }
}

/**
 * First come, first served. One timer serves all deadlines: it is set for the earliest, and fires in vain
 * where that waiter has left, which costs less than a timer for everyone.
 */
export class WaitQueue {
  readonly #clock: Clock
  readonly #onDeadline: (waiter: Waiter) => void
  readonly #waiters = new LinkedList<Waiter>()
  #timer: Timer | undefined
  #timerAt = Infinity

  /** `onDeadline` is told of every waiter that was taken out because its time is up. */
  constructor(clock: Clock, onDeadline: (waiter: Waiter) => void) {
    this.#clock = clock
    this.#onDeadline = onDeadline
  }

  get size(): number {
    return this.#waiters.size
  }

  get first(): Waiter | undefined {
    return this.#waiters.first
  }

  [Symbol.iterator](): Iterator<Waiter> {
    return this.#waiters[Symbol.iterator]()
  }

  add(waiter: Waiter): void {
    this.#waiters.push(waiter)
    waiter.owner?.waiters.add(waiter)
    for (let owner = waiter.owner; owner; owner = owner.outer) owner.waiting++
    if (waiter.deadline < this.#timerAt) this.#arm(waiter.deadline)
  }

  /** Takes a waiter out; its promise is the caller's to settle. */
  remove(waiter: Waiter): void {
    this.#waiters.remove(waiter)
    waiter.owner?.waiters.delete(waiter)
    for (let owner = waiter.owner; owner; owner = owner.outer) owner.waiting--
    waiter.stopListening?.()
    if (this.#waiters.size === 0) this.#disarm()
  }

  #arm(at: number): void {
    this.#disarm()
    if (at === Infinity) return
    this.#timerAt = at
    const delay = Math.max(0, at - this.#clock.now())
    // Somebody awaits this, so the process must not end for want of an open socket meanwhile.
    this.#timer = this.#clock.after(delay, () => this.#sweep(), true)
  }

  #disarm(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#timerAt = Infinity
  }

  #sweep(): void {
    this.#disarm()
    const now = this.#clock.now()
    const late = [...this.#waiters].filter(({ deadline }) => deadline <= now)
    for (const waiter of late) this.remove(waiter)
    let earliest = Infinity
    for (const { deadline } of this.#waiters) earliest = Math.min(earliest, deadline)
    this.#arm(earliest)
    // Last, for who is told may wait again, or take others out.
    for (const waiter of late) this.#onDeadline(waiter)
  }
}
