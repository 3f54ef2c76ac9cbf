import type { Connector, Session } from '../connector/connector.ts'
import type { ConnectFailure } from '../connector/failure.ts'
import { codeOf, type LifeguardError } from '../errors.ts'
import {
  type AcquireTrace,
  hasStores,
  isTraced,
  runBegun,
  tellBegun,
  tellFailed,
  tellLent,
  tellServed,
} from '../observe/acquire-trace.ts'
import { Facts } from '../observe/events.ts'
import { Counters, type PoolStats, readStats, type RefusalCode } from '../observe/stats.ts'
import { durationError, type ResolvedPoolOptions } from '../options/options.ts'
import type { Clock, Timer } from '../util/clock.ts'
import { Notice } from '../util/notice.ts'
import { labelText } from '../util/text.ts'
import { within } from '../util/within.ts'
import { type CallerStack, callerStack } from './caller-stack.ts'
import { ConnectGate } from './connect-gate.ts'
import { isDeadlocked } from './deadlock.ts'
import { Housekeeper } from './housekeeper.ts'
import { Inventory } from './inventory.ts'
import { Lease, type LeaseHost } from './lease.ts'
import { Lifecycle } from './lifecycle.ts'
import { Opener } from './opener.ts'
import { type Refusal, Refusals } from './refusals.ts'
import type { Slot } from './slot.ts'
import { type Holder, type LeaseOwner, Waiter, WaitQueue } from './wait-queue.ts'

export interface AcquireOptions {
  /** Ends the waiting with `ERR_ABORTED`. */
  signal?: AbortSignal
  /** For the whole acquire, in milliseconds. Default: the pool's `acquireTimeout`. */
  timeout?: number
  /** Who it is for, in errors, events and the monitor. Default: the scope's label, or none. */
  label?: string
}

/** What `end` had to do. */
export interface EndReport {
  /** Labels of the leases that were cut at the deadline; empty when everything had finished. */
  readonly cut: readonly string[]
}

const DEADLOCK_RECHECK_MS = 50

type Phase = 'open' | 'closing' | 'closed'

/** Whether it lends: not while suspended, and from `end` on only to whom it is owed. */
export type PoolPhase = Phase | 'suspended'

/** The latest failure to connect; none has succeeded since. */
export interface PoolTrouble {
  readonly kind: ConnectFailure
  readonly code: string
  /** How long ago it was. Nobody tries again while nobody needs it. */
  readonly agoMs: number
  /** The server refuses, and whoever asks is told so at once. */
  readonly breakerOpen: boolean
}

/** The last caller that was told to go without a connection. */
export interface PoolRefusal {
  readonly code: 'ERR_ACQUIRE_TIMEOUT' | RefusalCode
  /** How long ago it was. */
  readonly agoMs: number
}

/** Told of every lease, for those who need more of it than the facts tell. */
export interface LeaseWatcher {
  acquired(lease: Lease): void
  /** The lease has ended; its connection is not yet anybody else's. */
  released(lease: Lease): void
}

/**
 * Lends connections. Every change ends in `#serve`, which gives what is free to whoever has waited
 * longest and has opened what is still missing.
 */
export class PoolEngine implements LeaseHost {
  readonly name: string
  readonly statementTimeout: number
  readonly settleTimeout: number
  readonly counters: Counters = new Counters()
  readonly facts: Facts
  readonly #options: ResolvedPoolOptions
  readonly #connector: Connector
  readonly #clock: Clock
  readonly #inventory = new Inventory()
  readonly #waiters: WaitQueue
  readonly #gate: ConnectGate
  readonly #opener: Opener
  readonly #lifecycle: Lifecycle
  readonly #housekeeper: Housekeeper
  readonly #refusals: Refusals
  /** Given when a lease, a waiter or a connection has gone, for `end`. */
  readonly #gone = new Notice()
  #watcher: LeaseWatcher | undefined
  #phase: Phase = 'open'
  #suspended = false
  #refusedLast: { readonly code: PoolRefusal['code']; readonly at: number } | undefined
  #ending: Promise<EndReport> | undefined
  #deadlockTimer: Timer | undefined

  constructor(
    connector: Connector,
    options: ResolvedPoolOptions,
    clock: Clock,
    random: () => number = Math.random,
  ) {
    this.name = options.name
    this.facts = new Facts(options.name)
    this.statementTimeout = options.statementTimeout
    this.settleTimeout = options.settleTimeout
    this.#options = options
    this.#connector = connector
    this.#clock = clock
    this.#waiters = new WaitQueue(clock, (waiter) => this.#onDeadline(waiter))
    this.#gate = new ConnectGate(random)
    this.#refusals = new Refusals(options.name, connector.target, () => this.stats())
    this.#opener = new Opener(
      connector,
      this.#inventory,
      this.#gate,
      clock,
      { ...options, pooled: options.enabled },
      {
        unmet: () => this.#unmet,
        opened: (slot, ms) => this.#lifecycle.opened(slot, ms),
        failed: (slot, error) => this.#connectFailed(slot, error),
        retry: () => this.#keepUp(),
      },
    )
    this.#lifecycle = new Lifecycle(
      this.#inventory,
      connector,
      options,
      clock,
      random,
      this.counters,
      this.facts,
      (now) => this.#onChange(now),
    )
    this.#housekeeper = new Housekeeper(this.#inventory, clock, options, {
      evict: (slot, reason) => this.#lifecycle.evict(slot, reason),
      check: (slot) => void this.#lifecycle.check(slot),
      fill: () => this.#keepUp(),
      suspect: (slot, heldMs) => this.#suspect(slot, heldMs),
    })
    this.#housekeeper.start()
    this.#keepUp()
  }

  acquire(options: AcquireOptions | undefined, owner: LeaseOwner | undefined): Promise<Lease> {
    const lease = this.#refusal(options, owner) ? undefined : this.#lendHot(options, owner)
    if (lease) return Promise.resolve(lease)
    return this.#follow(this.#enqueue(options, owner), options?.label, owner)
  }

  /** As `acquire`, for the one connection of a scope, which is told of it before whoever waits for it goes on. */
  hold(holder: Holder): Promise<Lease> {
    return this.#follow(this.#enqueue(undefined, holder), undefined, holder, holder)
  }

  /** A lease where one is to be had without waiting, for callers who count every promise. */
  tryAcquire(owner: LeaseOwner | undefined): Lease | undefined {
    return this.#refusal(undefined, owner) ? undefined : this.#lendHot(undefined, owner)
  }

  takeBack(slot: Slot, lease: Lease): Promise<void> {
    const now = this.#recordReturn(slot, lease)
    return this.#lifecycle.comeBack(slot, lease, now)
  }

  discard(slot: Slot, lease: Lease): Promise<void> {
    slot.doom ??= 'evicted by the user'
    return this.takeBack(slot, lease)
  }

  interrupt(slot: Slot, label: string): Promise<void> {
    return this.#lifecycle.interrupt(slot, label)
  }

  after(ms: number, fn: () => void): Timer {
    return this.#clock.after(ms, fn)
  }

  /** Opens connections until there are `n` (at most `max`), or rejects with the reason why there can't be. */
  async warm(n: number): Promise<void> {
    const leases: Promise<Lease>[] = []
    for (let i = Math.min(n, this.#options.max); i > 0; i--) {
      leases.push(this.acquire({ label: 'warm' }, undefined))
    }
    const settled = await Promise.allSettled(leases)
    for (const lease of settled) {
      if (lease.status === 'fulfilled') await lease.value.release()
    }
    const failed = settled.find((lease) => lease.status === 'rejected')
    if (failed) throw failed.reason
  }

  suspend(): void {
    this.#suspended = true
  }

  resume(): void {
    this.#suspended = false
    this.#serve(this.#clock.now())
    // Connections that have gone meanwhile were not replaced.
    this.#keepUp()
  }

  /** Closes what is idle now and what is in use as soon as it comes back. */
  evictAll(): void {
    this.#lifecycle.evictAll('evicted by the user')
  }

  stats(): PoolStats {
    return readStats(this.name, this.#inventory, this.counters, {
      waiting: this.#waiters.size,
      max: this.#options.max,
      effectiveMax: this.#effectiveMax,
    })
  }

  get phase(): PoolPhase {
    return this.#suspended ? 'suspended' : this.#phase
  }

  get trouble(): PoolTrouble | undefined {
    const failure = this.#gate.lastFailure
    if (!failure) return undefined
    const { kind, error, at } = failure
    const now = this.#clock.now()
    return {
      kind,
      code: codeOf(error) ?? error.name,
      agoMs: now - at,
      breakerOpen: this.#refused(now) !== undefined,
    }
  }

  get refusal(): PoolRefusal | undefined {
    if (!this.#refusedLast) return undefined
    const { code, at } = this.#refusedLast
    return { code, agoMs: this.#clock.now() - at }
  }

  /** Where it connects to, without secrets. */
  get target(): string {
    return this.#connector.target
  }

  get options(): ResolvedPoolOptions {
    return this.#options
  }

  watchLeases(watcher: LeaseWatcher): void {
    this.#watcher = watcher
  }

  leases(): Lease[] {
    return [...this.#inventory.in('inUse')].flatMap(({ lease }) => lease ?? [])
  }

  /** Every lease with its session, also one that is released and waits for its COMMIT. */
  leasesWithSessions(): { readonly lease: Lease; readonly session: Session }[] {
    // While its end is told, a connection has no lease any more.
    return [...this.#inventory.in('inUse')].flatMap(({ lease, session }) =>
      lease ? { lease, session: session! } : [],
    )
  }

  /** Of every connection that is open. */
  threadIds(): number[] {
    return [...this.#inventory].flatMap(({ session }) => session?.threadId ?? [])
  }

  waiters(): Iterable<Waiter> {
    return { [Symbol.iterator]: () => this.#waiters[Symbol.iterator]() }
  }

  end(deadline: number): Promise<EndReport> {
    this.#ending ??= this.#end(deadline)
    return this.#ending
  }

  /** True from `end` on. */
  get closing(): boolean {
    return this.#phase !== 'open'
  }

  get #effectiveMax(): number {
    return this.#gate.limit(this.#options.max, this.#clock.now())
  }

  get #unmet(): number {
    return this.#suspended ? 0 : this.#waiters.size - this.#inventory.count('checking')
  }

  /** How many a free or coming connection will serve: those do not queue. */
  get #room(): number {
    const taken = this.#inventory.count('inUse') + this.#inventory.count('settling')
    return Math.max(0, this.#effectiveMax - taken)
  }

  #refusal(options: AcquireOptions | undefined, owner: LeaseOwner | undefined): Error | undefined {
    const wrong = durationError('timeout', options?.timeout)
    if (wrong) return wrong
    if (this.#phase === 'closed') return this.#refusals.closed()
    // A request that is under way may finish its work; a new one may not begin.
    if (this.#phase === 'closing' && (!owner || owner.late)) return this.#refusals.closing()
    const signal = options?.signal
    return signal?.aborted ? this.#refusals.aborted(signal, 0) : undefined
  }

  #lendHot(options: AcquireOptions | undefined, owner: LeaseOwner | undefined): Lease | undefined {
    if (this.#waiters.size > 0 || this.#suspended) return undefined
    const now = this.#clock.now()
    const slot = this.#lifecycle.takeHot(now)
    const lease = slot && this.#lend(slot, options?.label, now, now, owner, this.#origin())
    // Told only now that it is lent: a tracer may use the pool, too.
    if (lease && isTraced()) tellLent(this.#trace(options?.label, owner), lease)
    return lease
  }

  /** Without a promise more where nobody is to be told. */
  #follow(
    waiting: Promise<Lease>,
    label: string | undefined,
    owner: LeaseOwner | undefined,
    holder?: Holder,
  ): Promise<Lease> {
    if (!isTraced()) return holder ? this.#watch(waiting, undefined, holder) : waiting
    const trace = this.#trace(label, owner)
    if (hasStores()) return this.#watchInStores(waiting, trace, holder)
    tellBegun(trace)
    return this.#watch(waiting, trace, holder)
  }

  /** Apart, for V8 would have `#follow` pay for the closure each time. */
  #watchInStores(
    waiting: Promise<Lease>,
    trace: AcquireTrace,
    holder: Holder | undefined,
  ): Promise<Lease> {
    return runBegun(trace, () => this.#watch(waiting, trace, holder))
  }

  async #watch(
    waiting: Promise<Lease>,
    trace: AcquireTrace | undefined,
    holder: Holder | undefined,
  ): Promise<Lease> {
    try {
      const lease = await waiting
      holder?.held(lease)
      if (trace) tellServed(trace, lease)
      return lease
    } catch (error) {
      holder?.notHeld()
      if (trace) tellFailed(trace, error)
      throw error
    }
  }

  #enqueue(options: AcquireOptions | undefined, owner: LeaseOwner | undefined): Promise<Lease> {
    const now = this.#clock.now()
    const refusal = this.#refusal(options, owner) ?? this.#refuseToWait(now)
    if (refusal) return Promise.reject(refusal)
    const timeout = options?.timeout ?? this.#options.acquireTimeout
    const origin = this.#origin()
    return new Promise((resolve, reject) => {
      const waiter = new Waiter(now, now + timeout, options?.label, owner, resolve, reject)
      waiter.origin = origin
      this.#listen(waiter, options?.signal)
      this.#waiters.add(waiter)
      // All are lent, and no more may be opened: the next one that comes back is served from there.
      const hopeless = this.#inventory.count('inUse') >= this.#options.max
      if (!hopeless) this.#serve(now)
      if (this.facts.queued.heard && (hopeless || this.#waiters.size > this.#room)) {
        this.facts.queued.tell({
          pool: this.facts.pool,
          label: waiter.label,
          waiting: this.#waiters.size,
        })
      }
      if (owner) this.#lookForDeadlock()
    })
  }

  #trace(label: string | undefined, owner: LeaseOwner | undefined): AcquireTrace {
    return { pool: this.name, label: labelText(label ?? owner?.label), result: undefined }
  }

  #refuseToWait(now: number): LifeguardError | undefined {
    const refusal = this.#refused(now) ?? this.#queueFull()
    if (refusal) this.#recordRefusal(refusal, now)
    return refusal
  }

  #recordRefusal({ code }: Refusal, now: number): void {
    this.counters.refused[code]++
    this.#refusedLast = { code, at: now }
  }

  #turnAway(waiter: Waiter, refusal: Refusal): void {
    this.#recordRefusal(refusal, this.#clock.now())
    this.cancel(waiter, refusal)
  }

  #queueFull(): Refusal | undefined {
    const { queueLimit } = this.#options
    if (queueLimit === undefined) return undefined
    return this.#waiters.size < queueLimit + this.#room ? undefined : this.#refusals.queueFull()
  }

  /** The server says no, and no connection is left that could serve anybody. */
  #refused(now: number): Refusal | undefined {
    if (this.#inventory.total > this.#inventory.count('connecting')) return undefined
    const refusal = this.#gate.refusal(now)
    return refusal && this.#refusals.breakerOpen(refusal)
  }

  #listen(waiter: Waiter, signal: AbortSignal | undefined): void {
    if (!signal) return
    const onAbort = (): void => {
      this.cancel(waiter, this.#refusals.aborted(signal, this.#clock.now() - waiter.since))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    waiter.stopListening = () => signal.removeEventListener('abort', onAbort)
  }

  /** Ends a waiter's waiting with an error. */
  cancel(waiter: Waiter, reason: Error): void {
    this.#waiters.remove(waiter)
    waiter.reject(reason)
    this.#gone.give()
  }

  #serve(now: number): void {
    if (this.#suspended) return
    for (let waiter = this.#waiters.first; waiter; waiter = this.#waiters.first) {
      const slot = this.#lifecycle.takeHot(now)
      if (!slot) break
      this.#waiters.remove(waiter)
      const { ownLabel, since, owner, origin } = waiter
      waiter.resolve(this.#lend(slot, ownLabel, since, now, owner, origin))
    }
    if (this.#waiters.size === 0) return this.#opener.relax()
    while (this.#unmet > 0 && this.#inventory.hottest) {
      void this.#lifecycle.check(this.#inventory.hottest)
    }
    this.#opener.demand(now)
  }

  #lend(
    slot: Slot,
    label: string | undefined,
    since: number,
    now: number,
    owner: LeaseOwner | undefined,
    origin: CallerStack | undefined,
  ): Lease {
    this.#inventory.move(slot, 'inUse')
    const lease = new Lease(this, slot, label, now, owner, origin)
    slot.lease = lease
    const { counters } = this
    counters.acquired++
    if (slot.uses++ > 0 || slot.idleSince <= since) counters.hits++
    counters.wait.record(now - since)
    this.#watcher?.acquired(lease)
    if (this.facts.acquired.heard) {
      this.facts.acquired.tell({
        pool: this.facts.pool,
        connection: slot.id,
        label: lease.label,
        waitMs: now - since,
      })
    }
    return lease
  }

  /** Where an acquire comes from. Asked for when it begins: who waits is served from the stack of somebody else. */
  #origin(): CallerStack | undefined {
    return this.#options.leakThreshold > 0 ? callerStack() : undefined
  }

  #recordReturn(slot: Slot, lease: Lease): number {
    const now = this.#clock.now()
    slot.lease = undefined
    const useMs = now - lease.since
    this.counters.released++
    this.counters.use.record(useMs)
    this.#watcher?.released(lease)
    if (this.facts.released.heard) {
      this.facts.released.tell({
        pool: this.facts.pool,
        connection: slot.id,
        label: lease.label,
        useMs,
      })
    }
    if (lease.suspected && this.facts.leakWithdrawn.heard) {
      this.facts.leakWithdrawn.tell({
        pool: this.facts.pool,
        connection: slot.id,
        label: lease.label,
        heldMs: useMs,
      })
    }
    return now
  }

  /** A connection has become free, or gone: whoever waits may be served, by it or by a new one. */
  #onChange(now: number): void {
    if (this.#waiters.size > 0) this.#serve(now)
    if (this.#inventory.total < this.#options.min) this.#keepUp()
    this.#gone.give()
  }

  #connectFailed(slot: Slot, error: Error): void {
    // What the end of the pool has called off has not failed.
    if (this.#phase !== 'closed') {
      this.counters.connectFailures++
      if (this.facts.connectFailed.heard) {
        this.facts.connectFailed.tell({ pool: this.facts.pool, error })
      }
    }
    this.#lifecycle.failed(slot)
    const refused = this.#refused(this.#clock.now())
    if (refused) for (const waiter of this.#waiters) this.#turnAway(waiter, refused)
    this.#onChange(this.#clock.now())
    // There may be fewer connections to be had than those that are held by who waits for another one.
    this.#lookForDeadlock()
  }

  /** What is wanted without anybody waiting: `min` connections, and waiters that a pause has held up. */
  #keepUp(): void {
    if (this.#phase !== 'open' || this.#suspended) return
    if (this.#waiters.size > 0) this.#opener.demand(this.#clock.now())
    if (this.#options.enabled) this.#opener.fill(this.#options.min)
  }

  #onDeadline(waiter: Waiter): void {
    const waitMs = Math.round(this.#clock.now() - waiter.since)
    this.counters.timeouts++
    this.#refusedLast = { code: 'ERR_ACQUIRE_TIMEOUT', at: this.#clock.now() }
    if (this.facts.acquireTimedOut.heard) {
      this.facts.acquireTimedOut.tell({ pool: this.facts.pool, label: waiter.label, waitMs })
    }
    waiter.reject(this.#refusals.timeout(waitMs, this.#gate.lastFailure?.error))
    this.#gone.give()
  }

  /** Looked for when a scope begins to wait, and again while its statements run: those may free one. */
  #lookForDeadlock(): void {
    const verdict = isDeadlocked(this.#inventory, this.#effectiveMax)
    if (verdict === 'no') return
    if (verdict === 'perhaps') {
      this.#deadlockTimer ??= this.#clock.after(DEADLOCK_RECHECK_MS, () => {
        this.#deadlockTimer = undefined
        this.#lookForDeadlock()
      })
      return
    }
    // The one that came last has the least to lose.
    const newest = [...this.#waiters].findLast((waiter) => waiter.owner)!
    const holders = this.leases().map((lease) => lease.label || 'unnamed')
    this.#turnAway(newest, this.#refusals.deadlock(holders))
  }

  #suspect(slot: Slot, heldMs: number): void {
    const lease = slot.lease!
    lease.suspected = true
    this.counters.leaks++
    if (this.facts.leakSuspected.heard) {
      this.facts.leakSuspected.tell({
        pool: this.facts.pool,
        connection: slot.id,
        label: lease.label,
        heldMs,
        stack: lease.stack,
      })
    }
  }

  async #end(deadline: number): Promise<EndReport> {
    this.#phase = 'closing'
    this.#suspended = false
    // Who is told of a lease that is lent now may call `end` as well, which must find this one under way.
    await Promise.resolve()
    this.#serve(this.#clock.now())
    await within(this.#clock, deadline, this.#quiet())
    this.#phase = 'closed'
    const closed = this.#refusals.closed()
    for (const waiter of this.#waiters) this.cancel(waiter, closed)
    this.#opener.stop(closed)
    this.#housekeeper.stop()
    this.#deadlockTimer?.cancel()
    const leases = this.leases()
    const cut = leases.map((lease) => lease.label || 'unnamed')
    if (cut.length > 0) this.facts.cut.tell({ pool: this.facts.pool, labels: cut })
    this.#lifecycle.close()
    await Promise.all(leases.map((lease) => lease.revoke(this.#refusals.closed())))
    while (this.#inventory.total > 0) await this.#gone.next()
    await this.#connector.close()
    this.facts.ended.tell({ pool: this.facts.pool })
    return { cut }
  }

  /** Resolves when nobody holds, settles or waits any more. */
  async #quiet(): Promise<void> {
    while (
      this.#inventory.count('inUse') + this.#inventory.count('settling') + this.#waiters.size > 0 &&
      this.#phase === 'closing'
    ) {
      await this.#gone.next()
    }
  }
}
