import type { Connection } from 'mysql2'
import type { QueryResult } from 'mysql2/promise'

import type { Answer, Statement } from '../connector/connector.ts'
import { isLifeguardError, LifeguardError } from '../errors.ts'
import { durationError, type Hold } from '../options/options.ts'
import { type Lease, withStackOfCaller } from '../pool/lease.ts'
import type { AcquireOptions, PoolEngine } from '../pool/pool-engine.ts'
import type { Transaction, TransactionOptions } from '../pool/transaction.ts'
import type { LeaseOwner, Waiter } from '../pool/wait-queue.ts'
import type { Timer } from '../util/clock.ts'
import { labelText, warnOfThrown } from '../util/text.ts'
import { frameOf, runDetached, runInFrame } from './ambient.ts'

export interface ScopeOptions {
  /** Who it is, in errors, events and the monitor. A function is only asked when it is needed. */
  label?: string | (() => string) | undefined
  /** Ends the scope; what it cuts short is rejected with `ERR_ABORTED`. */
  signal?: AbortSignal | undefined
  /** Ends the scope so many milliseconds after its first use of the database. 0: no limit. Default: 0. */
  timeout?: number | undefined
  /** Told when the scope was ended by its `timeout`, and of that. */
  onTimeout?: ((timeout: number) => void) | undefined
  /** Default: the pool's. */
  hold?: Hold | undefined
}

const DONE: Promise<void> = Promise.resolve()

/** Why a scope has ended. Almost nobody asks, and an error takes longer to make than a scope: so it is made on demand. */
type EndReason = () => Error

/**
 * One request or job. It owns every lease that is taken in it, and when it ends they are all revoked,
 * settled and returned, and whoever still waits is cancelled. Until its first statement it holds nothing.
 */
export class Scope {
  /** @internal */
  readonly outer: LeaseOwner | undefined
  /** @internal */
  readonly late: boolean
  /** @internal */
  waiting = 0
  /** The pool that it belongs to. */
  readonly pool: unknown
  readonly #engine: PoolEngine
  readonly #onTimeout: ((timeout: number) => void) | undefined
  #hold: Hold
  #timeout: number
  #leases: Set<Lease> | undefined
  #waiters: Set<Waiter> | undefined
  readonly #label: string | (() => string)
  #held: Lease | undefined
  #holding: Promise<Lease> | undefined
  #transactions = 0
  #whole: Transaction | undefined
  #turn: Promise<unknown> | undefined
  #timer: Timer | undefined
  #stopListening: (() => void) | undefined
  #ended = false
  #endReason: EndReason | undefined
  #ending: Promise<void> | undefined
  #abort: AbortController | undefined

  /** @internal */
  constructor(
    pool: unknown,
    engine: PoolEngine,
    hold: Hold,
    options: ScopeOptions | undefined,
    outer: Scope | undefined,
  ) {
    this.pool = pool
    this.#engine = engine
    this.outer = outer
    this.late = engine.closing
    this.#label = options?.label ?? ''
    this.#hold = options?.hold ?? hold
    const wrong = durationError('timeout', options?.timeout)
    if (wrong) throw wrong
    this.#timeout = options?.timeout ?? 0
    this.#onTimeout = options?.onTimeout
    if (options?.signal) this.#listen(options.signal)
  }

  get label(): string {
    return labelText(typeof this.#label === 'function' ? ask(this.#label) : this.#label)
  }

  get hold(): Hold {
    return this.#hold
  }

  /** True from `end` on. */
  get ended(): boolean {
    return this.#ended
  }

  /** Aborted when the scope ends. */
  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController()
      if (this.#ended) this.#abort.abort(this.#reason())
    }
    return this.#abort.signal
  }

  /** True while the scope has a connection. */
  get holding(): boolean {
    return this.#leases !== undefined && this.#leases.size > 0
  }

  /** @internal */
  get waiters(): Set<Waiter> {
    this.#waiters ??= new Set()
    return this.#waiters
  }

  /** @internal */
  leaseEnded(lease: Lease): void {
    this.#leases?.delete(lease)
    if (this.#held === lease) this.#held = undefined
  }

  /** @internal */
  held(lease: Lease): void {
    this.#holding = undefined
    this.#own(lease)
    // Who was told of it may have released it, or the pool have ended and revoked it, in the moment in which it came.
    if (!lease.released) this.#held = lease
  }

  /** @internal */
  notHeld(): void {
    this.#holding = undefined
  }

  /**
   * Other settings than those that it was opened with: those of one route, say. A timer that runs already starts
   * anew with the new timeout.
   */
  configure({ hold, timeout }: Pick<ScopeOptions, 'hold' | 'timeout'>): void {
    const wrong = durationError('timeout', timeout)
    if (wrong) throw wrong
    if (this.#ended) return
    if (hold !== undefined) {
      this.#hold = hold
      if (hold === 'transaction') this.releaseIfQuiet()
    }
    if (timeout === undefined) return
    this.#timeout = timeout
    if (!this.#timer) return
    this.#timer.cancel()
    this.#timer = undefined
    this.#armTimer()
  }

  /** Runs `work` so that everything that it takes from the pool, however deep, belongs to this scope. */
  run<T>(work: () => T): T {
    return runInFrame(this, undefined, work)
  }

  /**
   * As `run`, but forgets the scopes around it. For work that begins here and only seems to be called by
   * somebody: a worker that was built while a request was served calls every job's function from there.
   */
  runDetached<T>(work: () => T): T {
    return runDetached(this, work)
  }

  query<T extends QueryResult = QueryResult>(
    statement: Statement,
    values?: unknown,
  ): Promise<Answer<T>> {
    const line = this.#line()
    return line ? line.query<T>(statement, values) : this.#send<T>('query', statement, values)
  }

  execute<T extends QueryResult = QueryResult>(
    statement: Statement,
    values?: unknown,
  ): Promise<Answer<T>> {
    const line = this.#line()
    return line ? line.execute<T>(statement, values) : this.#send<T>('execute', statement, values)
  }

  /** As `pool.withConnection`. */
  async withConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const transaction = this.#ended ? undefined : this.#transactionHere()
    if (transaction) return transaction.withConnection(work)
    return this.#borrow((lease) => work(lease.connection))
  }

  /**
   * COMMIT when `work` resolves, ROLLBACK when it throws. Inside of another transaction of this scope it
   * is a savepoint. Transactions that are begun side by side take turns, since they share a connection.
   */
  async transaction<T>(
    work: (tx: Transaction) => T | Promise<T>,
    options?: TransactionOptions,
  ): Promise<T> {
    const outer = this.#transactionHere()
    if (outer) {
      return outer.transaction((tx) => runInFrame(this, tx, () => work(tx)), options)
    }
    return this.#takeTurn(() =>
      this.#borrow((lease) =>
        lease.transaction((tx) => runInFrame(this, tx, () => work(tx)), options),
      ),
    )
  }

  /**
   * One transaction around all of the scope's work, for adapters: whatever is sent through the scope while
   * `work` runs is in it, also from callbacks that have lost the async context.
   */
  async runInTransaction<T>(work: () => T | Promise<T>, options?: TransactionOptions): Promise<T> {
    const outer = this.#whole
    try {
      return await this.transaction((tx) => {
        this.#whole = tx
        return work()
      }, options)
    } finally {
      this.#whole = outer
    }
  }

  /** A connection of its own, beside the one that the scope holds. The scope's end releases it. */
  async acquire(options?: AcquireOptions): Promise<Lease> {
    if (this.#ended) throw this.#error()
    this.#armTimer()
    return this.#own(await this.#engine.acquire(options, this))
  }

  /**
   * Gives back early what the scope holds; the next statement takes a connection again. Refused while a
   * transaction is open.
   */
  async release(): Promise<void> {
    if (this.#transactions > 0) {
      throw new LifeguardError(
        'ERR_OPTIONS',
        `cannot release in the middle of a transaction (${this.label || 'scope'})`,
      )
    }
    const held = this.#held
    this.#held = undefined
    await held?.release()
  }

  /** For adapters, when the handler has answered: gives back what the scope holds, unless something uses it. */
  releaseIfQuiet(): void {
    const held = this.#held
    if (!held || this.#transactions > 0 || held.busy) return
    this.#held = undefined
    void held.release()
  }

  /**
   * Revokes and returns everything, once; later uses are rejected with `reason`. Resolves when every
   * connection is fit for somebody else, or gone. Never rejects.
   */
  end(reason?: EndReason): Promise<void> {
    // Whoever is told of the end in the middle of it may call it, too.
    if (this.#ended) return this.#ending ?? Promise.resolve().then(() => this.#ending)
    this.#ended = true
    this.#endReason = reason
    this.#timer?.cancel()
    this.#stopListening?.()
    this.#held = undefined
    const inUse = this.holding || this.#waiters?.size || this.#abort
    this.#ending = inUse ? this.#cut(this.#reason()) : DONE
    return this.#ending
  }

  async #cut(reason: Error): Promise<void> {
    this.#abort?.abort(reason)
    for (const waiter of this.#waiters ?? []) this.#engine.cancel(waiter, reason)
    await Promise.all([...(this.#leases ?? [])].map((lease) => lease.revoke(reason)))
  }

  /** A statement for which no connection is at hand. */
  async #send<T extends QueryResult>(
    kind: 'query' | 'execute',
    statement: Statement,
    values: unknown,
  ): Promise<Answer<T>> {
    if (this.#ended) throw this.#error()
    if (this.#hold !== 'request') return this.#borrow((lease) => lease[kind]<T>(statement, values))
    const lease = await this.#holdOne()
    try {
      return await lease.send<T>(kind, statement, values)
    } catch (error) {
      throw withStackOfCaller(error)
    }
  }

  /** Runs `work` on the connection that the scope holds, or on one taken for it alone. */
  async #borrow<T>(work: (lease: Lease) => Promise<T>): Promise<T> {
    if (this.#ended) throw this.#error()
    if (this.#hold === 'request') {
      return await work(this.#held ?? this.#holdHot() ?? (await this.#holdOne()))
    }
    const lease = await this.acquire()
    try {
      return await work(lease)
    } finally {
      await lease.release()
    }
  }

  /** One acquire serves all statements that come before it is done. */
  #holdOne(): Promise<Lease> {
    if (this.#ended) return Promise.reject(this.#error())
    this.#armTimer()
    this.#holding ??= this.#engine.hold(this)
    return this.#holding
  }

  /** What is at hand for a statement; a transaction knows when it must not go on, so it comes first. */
  #line(): Transaction | Lease | undefined {
    if (this.#ended) return undefined
    return this.#transactionHere() ?? this.#held ?? this.#holdHot()
  }

  /** Takes hold of a connection that needs no waiting. */
  #holdHot(): Lease | undefined {
    if (this.#hold !== 'request' || this.#holding) return undefined
    const lease = this.#engine.tryAcquire(this)
    if (!lease) return undefined
    if (this.#ended) {
      // By somebody who was told of the lease.
      void lease.release()
      return undefined
    }
    this.#armTimer()
    this.held(lease)
    return lease
  }

  #own(lease: Lease): Lease {
    // The scope may have ended in the very moment in which the connection came.
    if (this.#ended) {
      void lease.release()
      throw this.#error()
    }
    if (lease.released) return lease
    this.#leases ??= new Set()
    this.#leases.add(lease)
    return lease
  }

  #transactionHere(): Transaction | undefined {
    const frame = frameOf(this.pool)
    return (frame?.scope === this ? frame.transaction : undefined) ?? this.#whole
  }

  /** With `hold: 'transaction'` each has its own connection; else they would run into one another. */
  async #takeTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#hold === 'request') {
      while (this.#turn) await this.#turn.catch(() => {})
    }
    this.#transactions++
    const running = work()
    this.#turn = running
    try {
      return await running
    } finally {
      this.#transactions--
      if (this.#turn === running) this.#turn = undefined
    }
  }

  #armTimer(): void {
    if (this.#timer || this.#timeout === 0) return
    const after = this.#timeout
    const reason = (): Error => this.#endedError(`was ended after ${after} ms`)
    this.#timer = this.#engine.after(after, () => {
      void this.end(reason)
      this.#tellTimeout(after)
    })
  }

  #tellTimeout(after: number): void {
    try {
      this.#onTimeout?.(after)
    } catch (error) {
      // It is called from a timer, where what it throws would end the process.
      warnOfThrown('onTimeout', error)
    }
  }

  #listen(signal: AbortSignal): void {
    const onAbort = (): void => void this.end(() => this.#abortedError(signal))
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    this.#stopListening = () => signal.removeEventListener('abort', onAbort)
  }

  /** For what the end cuts short. */
  #reason(): Error {
    return this.#endReason?.() ?? this.#endedError('has ended, its connection is back in the pool')
  }

  /** For every use after the end. */
  #error(): Error {
    const reason = this.#reason()
    if (isLifeguardError(reason, 'ERR_SCOPE_ENDED')) return reason
    return this.#endedError('has ended, its connection is back in the pool', reason)
  }

  #endedError(what: string, cause?: Error): Error {
    return new LifeguardError(
      'ERR_SCOPE_ENDED',
      `${this.#engine.name}: the scope ${what} (${this.label})`,
      cause && { cause },
    )
  }

  #abortedError(signal: AbortSignal): Error {
    return new LifeguardError(
      'ERR_ABORTED',
      `${this.#engine.name}: the scope was aborted (${this.label})`,
      { cause: signal.reason },
    )
  }
}

/** Labels are asked for where errors and reports are made, which must not fail with them. */
function ask(label: () => string): string {
  try {
    return label()
  } catch (error) {
    warnOfThrown('the label of a scope', error)
    return ''
  }
}
