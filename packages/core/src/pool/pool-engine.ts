import type { Connector } from '../connector/connector.ts'
import { LifeguardError } from '../errors.ts'
import { Facts } from '../observe/events.ts'
import { Counters, describeCounts, type PoolStats } from '../observe/stats.ts'
import type { ResolvedPoolOptions } from '../options/options.ts'
import type { Clock, Timer } from '../util/clock.ts'
import { TIMED_OUT, within } from '../util/within.ts'
import { ConnectGate } from './connect-gate.ts'
import { isDeadlocked } from './deadlock.ts'
import { Housekeeper } from './housekeeper.ts'
import { Inventory } from './inventory.ts'
import { Lease, type LeaseHost } from './lease.ts'
import { Opener } from './opener.ts'
import { Settler } from './settler.ts'
import type { EvictReason, Slot } from './slot.ts'
import { Waiter, type WaiterOwner, WaitQueue } from './wait-queue.ts'

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

const CLOSE_TIMEOUT_MS = 1000
/** Lifetimes differ by this share, so that connections opened together don't all end together. */
const LIFETIME_JITTER = 0.025
const DONE: Promise<void> = Promise.resolve()

type Phase = 'open' | 'closing' | 'closed'

/**
 * Lends connections. Every change ends in `#serve`, which gives what is free to whoever has waited
 * longest and has opened what is still missing.
 */
export class PoolEngine implements LeaseHost {
  readonly name: string
  readonly statementTimeout: number
  readonly counters: Counters = new Counters()
  readonly facts: Facts = new Facts()
  readonly #options: ResolvedPoolOptions
  readonly #connector: Connector
  readonly #clock: Clock
  readonly #random: () => number
  readonly #inventory = new Inventory()
  readonly #waiters: WaitQueue
  readonly #gate: ConnectGate
  readonly #opener: Opener
  readonly #settler: Settler
  readonly #housekeeper: Housekeeper
  #phase: Phase = 'open'
  #suspended = false
  #ending: Promise<EndReport> | undefined
  #onQuiet: (() => void) | undefined
  #deadlockTimer: Timer | undefined

  constructor(
    connector: Connector,
    options: ResolvedPoolOptions,
    clock: Clock,
    random: () => number = Math.random,
  ) {
    this.name = options.name
    this.statementTimeout = options.statementTimeout
    this.#options = options
    this.#connector = connector
    this.#clock = clock
    this.#random = random
    this.#waiters = new WaitQueue(clock, (waiter) => this.#onDeadline(waiter))
    this.#gate = new ConnectGate(random)
    this.#opener = new Opener(
      connector,
      this.#inventory,
      this.#gate,
      clock,
      { ...options, pooled: options.enabled },
      {
        unmet: () => this.#unmet,
        opened: (slot, ms) => this.#opened(slot, ms),
        failed: (slot, error) => this.#connectFailed(slot, error),
        retry: () => this.#keepUp(),
      },
    )
    this.#settler = new Settler(
      connector,
      { mode: options.settle, timeout: options.settleTimeout },
      clock,
      this.counters,
      this.facts,
    )
    this.#housekeeper = new Housekeeper(this.#inventory, clock, options, {
      evict: (slot, reason) => this.#evict(slot, reason),
      check: (slot) => void this.#check(slot),
      fill: () => this.#keepUp(),
      suspect: (slot, heldMs) => this.#suspect(slot, heldMs),
    })
    this.#housekeeper.start()
    this.#keepUp()
  }

  acquire(options: AcquireOptions | undefined, owner: WaiterOwner | undefined): Promise<Lease> {
    const refusal = this.#refusal(options, owner)
    if (refusal) return Promise.reject(refusal)
    const now = this.#clock.now()
    const label = options?.label ?? owner?.label ?? ''
    if (this.#waiters.size === 0 && !this.#suspended) {
      const slot = this.#takeHot(now)
      if (slot) return Promise.resolve(this.#lend(slot, label, now, now, owner))
    }
    return this.#wait(options, label, now, owner)
  }

  takeBack(slot: Slot, lease: Lease): Promise<void> {
    const now = this.#recordReturn(slot, lease)
    if (!slot.session!.clean || this.#options.settle === 'always') return this.#settle(slot, lease.label)
    return this.#reshelve(slot, now)
  }

  async discard(slot: Slot, lease: Lease): Promise<void> {
    slot.doom ??= 'evicted by the user'
    return this.takeBack(slot, lease)
  }

  async interrupt(slot: Slot, label: string): Promise<void> {
    try {
      await this.#settler.interrupt(slot, label)
    } catch {
      // It will not end: no further statement may be sent behind it.
      await this.#connector.kill(slot.session!.threadId, 'connection').catch(() => {})
      slot.session!.destroy()
    }
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
    await Promise.all(settled.map((lease) => lease.status === 'fulfilled' && lease.value.release()))
    const failed = settled.find((lease) => lease.status === 'rejected')
    if (failed) throw failed.reason
  }

  suspend(): void {
    this.#suspended = true
  }

  resume(): void {
    this.#suspended = false
    this.#serve()
  }

  /** Closes what is idle now and what is in use as soon as it comes back. */
  evictAll(): void {
    this.#doomAll('evicted by the user')
  }

  stats(): PoolStats {
    const { counters } = this
    const count = (state: Parameters<Inventory['count']>[0]): number => this.#inventory.count(state)
    return {
      name: this.name,
      idle: count('idle'),
      inUse: count('inUse'),
      connecting: count('connecting'),
      busy: count('checking') + count('settling') + count('closing'),
      total: this.#inventory.total,
      waiting: this.#waiters.size,
      max: this.#options.max,
      effectiveMax: this.#effectiveMax,
      acquired: counters.acquired,
      released: counters.released,
      hits: counters.hits,
      misses: counters.acquired - counters.hits,
      reuseRate: counters.acquired === 0 ? 1 : counters.hits / counters.acquired,
      timeouts: counters.timeouts,
      created: counters.created,
      connectFailures: counters.connectFailures,
      evicted: { ...counters.evicted },
      rollbacks: counters.rollbacks,
      resets: counters.resets,
      kills: counters.kills,
      leaks: counters.leaks,
      wait: counters.wait.snapshot(),
      use: counters.use.snapshot(),
      connect: counters.connect.snapshot(),
    }
  }

  leases(): Lease[] {
    return [...this.#inventory.in('inUse')].map((slot) => slot.lease!)
  }

  waiters(): Iterable<Waiter> {
    return { [Symbol.iterator]: () => this.#waiters[Symbol.iterator]() }
  }

  end(deadline: number): Promise<EndReport> {
    this.#ending ??= this.#end(deadline)
    return this.#ending
  }

  get #effectiveMax(): number {
    return this.#gate.limit(this.#options.max, this.#clock.now())
  }

  get #unmet(): number {
    return this.#suspended ? 0 : this.#waiters.size - this.#inventory.count('checking')
  }

  #refusal(options: AcquireOptions | undefined, owner: WaiterOwner | undefined): Error | undefined {
    if (this.#phase === 'closed') return this.#closedError()
    // A request that is under way may finish its work; a new one may not begin.
    if (this.#phase === 'closing' && !owner) {
      return new LifeguardError('ERR_POOL_CLOSING', `${this.name}: the pool is closing`)
    }
    if (options?.signal?.aborted) return this.#abortError(options.signal, 0)
    return undefined
  }

  #wait(
    options: AcquireOptions | undefined,
    label: string,
    now: number,
    owner: WaiterOwner | undefined,
  ): Promise<Lease> {
    const busy = this.#refuseToWait(now)
    if (busy) return Promise.reject(busy)
    const timeout = options?.timeout ?? this.#options.acquireTimeout
    return new Promise((resolve, reject) => {
      const waiter = new Waiter(now, now + timeout, label, owner, resolve, reject)
      this.#listen(waiter, options?.signal)
      this.#waiters.add(waiter)
      this.#serve()
      if (owner && waiter === this.#last(waiter)) this.#detectDeadlock(waiter)
    })
  }

  /** Undefined once the waiter has been served. */
  #last(waiter: Waiter): Waiter | undefined {
    return waiter.owner?.waiters.has(waiter) ? waiter : undefined
  }

  #refuseToWait(now: number): Error | undefined {
    const refused = this.#inventory.total === this.#inventory.count('connecting')
      ? this.#gate.refusal(now)
      : undefined
    if (refused) return this.#breakerError(refused)
    const { queueLimit } = this.#options
    if (queueLimit === undefined) return undefined
    // Those whom a free or coming connection will serve do not queue.
    const taken = this.#inventory.count('inUse') + this.#inventory.count('settling')
    const room = Math.max(0, this.#effectiveMax - taken)
    if (this.#waiters.size < queueLimit + room) return undefined
    return new LifeguardError(
      'ERR_QUEUE_FULL',
      `${this.name}: the queue is full, ${this.#waiters.size} wait already (${describeCounts(this.stats())})`,
    )
  }

  #listen(waiter: Waiter, signal: AbortSignal | undefined): void {
    if (!signal) return
    const onAbort = (): void => {
      this.cancel(waiter, this.#abortError(signal, this.#clock.now() - waiter.since))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    waiter.stopListening = () => signal.removeEventListener('abort', onAbort)
  }

  /** Ends a waiter's waiting with an error. */
  cancel(waiter: Waiter, reason: Error): void {
    this.#waiters.remove(waiter)
    waiter.reject(reason)
    this.#noticeQuiet()
  }

  #serve(): void {
    if (this.#suspended) return
    const now = this.#clock.now()
    for (let waiter = this.#waiters.first; waiter; waiter = this.#waiters.first) {
      const slot = this.#takeHot(now)
      if (!slot) break
      this.#waiters.remove(waiter)
      waiter.resolve(this.#lend(slot, waiter.label, waiter.since, now, waiter.owner))
    }
    if (this.#waiters.size === 0) return
    while (this.#unmet > 0 && this.#inventory.hottest) void this.#check(this.#inventory.hottest)
    this.#opener.demand()
  }

  /** The hottest idle connection, if it needs no check before use. */
  #takeHot(now: number): Slot | undefined {
    for (let slot = this.#inventory.hottest; slot; slot = this.#inventory.hottest) {
      const overdue = slot.doom ?? (now >= slot.expiresAt ? 'max lifetime' : undefined)
      if (overdue) {
        this.#evict(slot, overdue)
        continue
      }
      const heat = Math.max(slot.idleSince, slot.checkedAt)
      return now - heat > this.#options.checkAfterIdle ? undefined : slot
    }
    return undefined
  }

  #lend(
    slot: Slot,
    label: string,
    since: number,
    now: number,
    owner: WaiterOwner | undefined,
  ): Lease {
    this.#inventory.move(slot, 'inUse')
    const stack = this.#options.leakThreshold > 0 ? callerStack() : undefined
    const lease = new Lease(this, slot, label, now, owner, stack)
    slot.lease = lease
    const { counters } = this
    counters.acquired++
    if (slot.uses++ > 0 || since === now) counters.hits++
    counters.wait.record(now - since)
    if (this.facts.heard('acquired')) {
      this.facts.emit('acquired', { connection: slot.id, label, waitMs: now - since })
    }
    return lease
  }

  #recordReturn(slot: Slot, lease: Lease): number {
    const now = this.#clock.now()
    slot.lease = undefined
    const useMs = now - lease.since
    this.counters.released++
    this.counters.use.record(useMs)
    if (this.facts.heard('released')) {
      this.facts.emit('released', { connection: slot.id, label: lease.label, useMs })
    }
    if (lease.suspected) {
      this.facts.emit('leakWithdrawn', { connection: slot.id, label: lease.label, heldMs: useMs })
    }
    return now
  }

  async #settle(slot: Slot, label: string): Promise<void> {
    this.#inventory.move(slot, 'settling')
    const trouble = await this.#settler.settle(slot, label)
    if (trouble === 'read-only server') this.#doomAll(trouble)
    if (slot.state !== 'settling') return
    if (trouble) return this.#evict(slot, trouble)
    return this.#reshelve(slot, this.#clock.now())
  }

  /** A clean connection is back: to whoever waits, to the shelf, or away where its time has come. */
  #reshelve(slot: Slot, now: number): Promise<void> {
    const overdue = this.#overdue(slot, now)
    if (overdue) {
      this.#evict(slot, overdue)
      return DONE
    }
    slot.idleSince = now
    this.#inventory.move(slot, 'idle')
    if (this.#waiters.size > 0) this.#serve()
    this.#noticeQuiet()
    return DONE
  }

  #overdue(slot: Slot, now: number): EvictReason | undefined {
    if (slot.doom) return slot.doom
    if (!this.#options.enabled) return 'not pooled'
    if (this.#phase === 'closed') return 'pool closed'
    if (now >= slot.expiresAt) return 'max lifetime'
    const { maxUses } = this.#options
    return maxUses > 0 && slot.uses >= maxUses ? 'max uses' : undefined
  }

  /** Pings; the connection is idle again, or gone. */
  async #check(slot: Slot): Promise<void> {
    this.#inventory.move(slot, 'checking')
    const { checkTimeout } = this.#options
    const answer = await within(this.#clock, checkTimeout, slot.session!.ping()).catch(() => TIMED_OUT)
    if (slot.state !== 'checking') return
    if (answer === TIMED_OUT) return this.#evict(slot, 'check failed')
    slot.checkedAt = this.#clock.now()
    this.#inventory.move(slot, 'idle')
    this.#serve()
  }

  #opened(slot: Slot, connectMs: number): void {
    const { maxLifetime } = this.#options
    const now = this.#clock.now()
    this.counters.created++
    this.counters.connect.record(connectMs)
    if (maxLifetime > 0) {
      slot.expiresAt = now + maxLifetime * (1 - this.#random() * LIFETIME_JITTER)
    }
    slot.idleSince = now
    slot.checkedAt = now
    this.#inventory.move(slot, 'idle')
    slot.session!.onDeath(() => this.#onDeath(slot))
    if (this.facts.heard('connected')) {
      const { threadId } = slot.session!
      this.facts.emit('connected', { connection: slot.id, threadId, connectMs })
    }
    if (this.#phase === 'closed' && slot.state === 'idle') return this.#evict(slot, 'pool closed')
    this.#serve()
    this.#keepUp()
  }

  #connectFailed(slot: Slot, error: Error): void {
    this.counters.connectFailures++
    if (this.facts.heard('connectFailed')) this.facts.emit('connectFailed', { error })
    this.#inventory.move(slot, 'closing')
    this.#inventory.remove(slot)
    const refused = this.#gate.refusal(this.#clock.now())
    if (refused && this.#inventory.total === this.#inventory.count('connecting')) {
      this.#rejectAll(this.#breakerError(refused))
    }
    this.#serve()
    this.#keepUp()
  }

  /** Idle or being checked: gone at once. In use or settling: found out on the way back. */
  #onDeath(slot: Slot): void {
    if (slot.state === 'idle' || slot.state === 'checking') this.#evict(slot, 'connection lost')
  }

  #evict(slot: Slot, reason: EvictReason): void {
    this.#inventory.move(slot, 'closing')
    this.counters.evicted[reason]++
    if (this.facts.heard('evicted')) this.facts.emit('evicted', { connection: slot.id, reason, cause: slot.trouble })
    void this.#close(slot)
  }

  async #close(slot: Slot): Promise<void> {
    const session = slot.session!
    const closed = await within(this.#clock, CLOSE_TIMEOUT_MS, session.close()).catch(() => TIMED_OUT)
    if (closed === TIMED_OUT) session.destroy()
    this.#inventory.remove(slot)
    this.#serve()
    this.#keepUp()
    this.#noticeQuiet()
  }

  #doomAll(reason: EvictReason): void {
    for (const slot of this.#inventory.in('idle')) this.#evict(slot, reason)
    for (const slot of this.#inventory) {
      if (slot.state !== 'closing' && slot.state !== 'connecting') slot.doom ??= reason
    }
  }

  /** What is wanted without anybody waiting: `min` connections, and waiters that a pause has held up. */
  #keepUp(): void {
    if (this.#phase !== 'open' || this.#suspended) return
    if (this.#waiters.size > 0) this.#opener.demand()
    if (this.#options.enabled) this.#opener.fill(this.#options.min)
  }

  #onDeadline(waiter: Waiter): void {
    const waitMs = Math.round(this.#clock.now() - waiter.since)
    this.counters.timeouts++
    if (this.facts.heard('acquireTimedOut')) {
      this.facts.emit('acquireTimedOut', { label: waiter.label, waitMs })
    }
    const cause = this.#gate.lastError
    waiter.reject(
      new LifeguardError(
        'ERR_ACQUIRE_TIMEOUT',
        `${this.name}: no connection within ${waitMs} ms (${describeCounts(this.stats())})`,
        cause ? { cause } : undefined,
      ),
    )
    this.#noticeQuiet()
  }

  /** Looked at when a scope begins to wait, and again while its statements still run: those may free one. */
  #detectDeadlock(waiter: Waiter): void {
    const verdict = isDeadlocked(this.#inventory, this.#effectiveMax)
    if (verdict === 'no') return
    if (verdict === 'perhaps') {
      this.#deadlockTimer ??= this.#clock.after(50, () => {
        this.#deadlockTimer = undefined
        const newest = [...this.#waiters].findLast((candidate) => candidate.owner)
        if (newest) this.#detectDeadlock(newest)
      })
      return
    }
    const holders = new Set(this.leases().map((lease) => lease.label || 'unnamed'))
    this.cancel(
      waiter,
      new LifeguardError(
        'ERR_POOL_DEADLOCK',
        `${this.name}: every connection is held by a scope that waits for another one: ` +
          `${[...holders].join(', ')}. Take one connection a scope, or raise max (${describeCounts(this.stats())})`,
      ),
    )
  }

  #suspect(slot: Slot, heldMs: number): void {
    const lease = slot.lease!
    lease.suspected = true
    this.counters.leaks++
    this.facts.emit('leakSuspected', {
      connection: slot.id,
      label: lease.label,
      heldMs,
      stack: lease.stack,
    })
  }

  async #end(deadline: number): Promise<EndReport> {
    this.#phase = 'closing'
    this.#suspended = false
    this.#serve()
    await within(this.#clock, deadline, this.#quiet())
    this.#phase = 'closed'
    this.#rejectAll(this.#closedError())
    this.#opener.stop(this.#closedError())
    this.#housekeeper.stop()
    this.#deadlockTimer?.cancel()
    const leases = this.leases()
    const cut = leases.map((lease) => lease.label || 'unnamed')
    if (cut.length > 0) this.facts.emit('cut', { labels: cut })
    await Promise.all(leases.map((lease) => lease.revoke(this.#closedError())))
    for (const slot of this.#inventory.in('idle')) this.#evict(slot, 'pool closed')
    for (const slot of this.#inventory.in('checking')) this.#evict(slot, 'pool closed')
    while (this.#inventory.total > 0) await this.#nextQuiet()
    await this.#connector.close()
    this.facts.emit('ended', {})
    return { cut }
  }

  /** Resolves when nobody holds, settles or waits any more. */
  async #quiet(): Promise<void> {
    while (
      this.#inventory.count('inUse') + this.#inventory.count('settling') + this.#waiters.size > 0 &&
      this.#phase === 'closing'
    ) {
      await this.#nextQuiet()
    }
  }

  #nextQuiet(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#onQuiet
      this.#onQuiet = () => {
        before?.()
        resolve()
      }
    })
  }

  /** Something ended that `end` may be waiting for. */
  #noticeQuiet(): void {
    const wake = this.#onQuiet
    if (!wake) return
    this.#onQuiet = undefined
    wake()
  }

  #rejectAll(reason: Error): void {
    for (const waiter of this.#waiters) this.cancel(waiter, reason)
  }

  #closedError(): Error {
    return new LifeguardError('ERR_POOL_CLOSED', `${this.name}: the pool is closed`)
  }

  #breakerError(cause: Error): Error {
    return new LifeguardError(
      'ERR_BREAKER_OPEN',
      `${this.name}: ${this.#connector.target} refuses connections, see the cause; it is asked again every second (${describeCounts(this.stats())})`,
      { cause },
    )
  }

  #abortError(signal: AbortSignal, waitedMs: number): Error {
    return new LifeguardError(
      'ERR_ABORTED',
      `${this.name}: the acquire was aborted after ${Math.round(waitedMs)} ms (${describeCounts(this.stats())})`,
      { cause: signal.reason },
    )
  }
}

function callerStack(): string | undefined {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, callerStack)
  return holder.stack?.split('\n').slice(1).join('\n')
}
