import type { Connection } from 'mysql2'
import type { QueryResult } from 'mysql2/promise'

import type { Answer, Command, Connector, Statement } from './connector/connector.ts'
import { LifeguardError } from './errors.ts'
import type { PoolEventName, PoolEvents } from './observe/events.ts'
import type { PoolSnapshot } from './observe/snapshot.ts'
import { takeSnapshot } from './observe/snapshot.ts'
import type { PoolStats } from './observe/stats.ts'
import { durationError, type Hold, type ResolvedPoolOptions } from './options/options.ts'
import { type Lease, withStackOfCaller } from './pool/lease.ts'
import {
  type AcquireOptions,
  type EndReport,
  type LeaseWatcher,
  PoolEngine,
} from './pool/pool-engine.ts'
import type { Transaction, TransactionOptions } from './pool/transaction.ts'
import { frameOf } from './scope/ambient.ts'
import { Scope, type ScopeOptions } from './scope/scope.ts'
import type { Clock } from './util/clock.ts'

export interface EndOptions {
  /** How long work under way may take to finish before it is cut, in milliseconds. Default: 10 000. */
  deadline?: number
}

const END_DEADLINE_MS = 10_000

/**
 * A pool of MySQL or MariaDB connections that never hands out a dirty or dead one. Inside of a scope, its
 * methods act for the scope, however deep in the call tree they are called.
 */
export class Pool {
  readonly name: string
  /** What its scopes do unless they say otherwise. */
  readonly hold: Hold
  readonly #engine: PoolEngine
  readonly #clock: Clock
  readonly #limited: boolean

  /** @internal Use `createPool`. */
  constructor(connector: Connector, options: ResolvedPoolOptions, clock: Clock) {
    this.name = options.name
    this.hold = options.hold
    this.#clock = clock
    this.#limited = options.statementTimeout > 0
    this.#engine = new PoolEngine(connector, options, clock)
  }

  /** The scope of this pool that the running code belongs to. */
  get currentScope(): Scope | undefined {
    return frameOf(this)?.scope
  }

  /** Sends a statement as text, on the scope's connection or on one taken for it. */
  query<T extends QueryResult = QueryResult>(
    statement: Statement,
    values?: unknown,
  ): Promise<Answer<T>> {
    const frame = frameOf(this)
    if (frame) return (frame.transaction ?? frame.scope).query<T>(statement, values)
    return this.#once<T>('query', statement, values)
  }

  /** Sends a prepared statement, on the scope's connection or on one taken for it. */
  execute<T extends QueryResult = QueryResult>(
    statement: Statement,
    values?: unknown,
  ): Promise<Answer<T>> {
    const frame = frameOf(this)
    if (frame) return (frame.transaction ?? frame.scope).execute<T>(statement, values)
    return this.#once<T>('execute', statement, values)
  }

  /**
   * For layers over the pool that call back: sends a command, with as few promises as may be. False, and nothing done,
   * where the running code belongs to a scope or a time limit is set: then, `query`.
   */
  start(command: Command): boolean {
    if (this.#limited || command.timeout || frameOf(this)) return false
    const lease = this.#engine.tryAcquire(undefined)
    if (lease) {
      lease.startOnce(command)
      return true
    }
    this.#engine.acquire(undefined, undefined).then(
      (late) => late.startOnce(command),
      (error: Error) => process.nextTick(command.onResult!, error),
    )
    return true
  }

  /**
   * For a statement that needs mysql2's own connection, such as one whose rows are streamed: gives `work` the
   * connection that `query` would use (the transaction's, the scope's, or one taken for it) until it resolves.
   */
  withConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const frame = frameOf(this)
    if (frame) return (frame.transaction ?? frame.scope).withConnection(work)
    return this.use((lease) => work(lease.connection))
  }

  /**
   * COMMIT when `work` resolves, ROLLBACK when it throws. Everything that `work` sends through the pool
   * runs in the transaction; a transaction inside of it is a savepoint.
   */
  transaction<T>(
    work: (tx: Transaction) => T | Promise<T>,
    options?: TransactionOptions,
  ): Promise<T> {
    const scope = this.currentScope
    if (scope) return scope.transaction(work, options)
    return this.scope({ hold: 'request' }, (own) => own.transaction(work, options))
  }

  /** Lends a connection to `work` and takes it back, rolled back where needed, whatever happens. */
  async use<T>(work: (lease: Lease) => T | Promise<T>, options?: AcquireOptions): Promise<T> {
    const lease = await this.acquire(options)
    const stop = this.#revokeOnAbort(lease, options?.signal)
    try {
      return await work(lease)
    } finally {
      stop()
      await lease.release()
    }
  }

  /** Lends a connection until `lease.release()`. `use` cannot forget the release; this can. */
  acquire(options?: AcquireOptions): Promise<Lease> {
    const scope = this.currentScope
    return scope ? scope.acquire(options) : this.#engine.acquire(options, undefined)
  }

  /** Runs `work` as one request or job; when it is over, everything that it took is taken back. */
  async scope<T>(options: ScopeOptions, work: (scope: Scope) => T | Promise<T>): Promise<T> {
    const scope = this.#newScope(options, this.currentScope)
    try {
      return await untilEnd(scope, options, () => scope.run(() => work(scope)))
    } finally {
      await scope.end()
    }
  }

  /** A scope whose `end()` is yours to call, for frameworks that have no function to wrap. */
  openScope(options?: ScopeOptions): Scope {
    // Who opened it need not wait for it, so it is nobody's inner scope.
    return this.#newScope(options, undefined)
  }

  /** Counts at this instant. Cheap. */
  stats(): PoolStats {
    return this.#engine.stats()
  }

  /** Counts, and who holds and who waits. */
  snapshot(): PoolSnapshot {
    return takeSnapshot(this.#engine, this.#clock.now())
  }

  /** @throws LifeguardError `ERR_OPTIONS` where there is no such event, or the listener is no function. */
  on<N extends PoolEventName>(name: N, listener: (fact: PoolEvents[N]) => void): this {
    this.#engine.facts.on(name, listener)
    return this
  }

  off<N extends PoolEventName>(name: N, listener: (fact: PoolEvents[N]) => void): this {
    this.#engine.facts.off(name, listener)
    return this
  }

  /** Has one watcher told of every lease and its end; it must not throw. For layers over the pool. */
  watchLeases(watcher: LeaseWatcher): void {
    this.#engine.watchLeases(watcher)
  }

  /** Opens connections ahead of demand. Resolves when `n` are there, rejects where that fails. */
  warm(n: number): Promise<void> {
    return this.#engine.warm(n)
  }

  /** Lends nothing until `resume()`; callers wait, up to their time-out. */
  suspend(): void {
    this.#engine.suspend()
  }

  resume(): void {
    this.#engine.resume()
  }

  /** Replaces every connection: idle ones now, the others when they come back. */
  evictAll(): void {
    this.#engine.evictAll()
  }

  /**
   * Lets work under way finish until the deadline, then cuts it, and closes every connection. Tells what
   * was cut. A second call is the same end.
   */
  end(options?: EndOptions): Promise<EndReport> {
    const wrong = durationError('deadline', options?.deadline)
    if (wrong) return Promise.reject(wrong)
    return this.#engine.end(options?.deadline ?? END_DEADLINE_MS)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end().then(() => undefined)
  }

  #newScope(options: ScopeOptions | undefined, outer: Scope | undefined): Scope {
    return new Scope(this, this.#engine, this.hold, options, outer)
  }

  /** The result does not wait for the settling of the connection, which is the pool's affair. */
  async #once<T extends QueryResult>(
    kind: 'query' | 'execute',
    statement: Statement,
    values: unknown,
  ): Promise<Answer<T>> {
    const lease = await this.#engine.acquire(undefined, undefined)
    try {
      return await lease.send<T>(kind, statement, values)
    } catch (error) {
      throw withStackOfCaller(error)
    } finally {
      void lease.release()
    }
  }

  #revokeOnAbort(lease: Lease, signal: AbortSignal | undefined): () => void {
    if (!signal) return () => {}
    const onAbort = (): void => {
      void lease.revoke(
        new LifeguardError('ERR_ABORTED', `${this.name}: the use was aborted (${lease.label})`, {
          cause: signal.reason,
        }),
      )
    }
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    return () => signal.removeEventListener('abort', onAbort)
  }
}

/** Work that does not notice the end of its scope must not keep its caller waiting. */
async function untilEnd<T>(
  scope: Scope,
  options: ScopeOptions,
  work: () => T | Promise<T>,
): Promise<T> {
  if (!options.signal && options.timeout === undefined) return work()
  const { signal } = scope
  signal.throwIfAborted()
  let onAbort!: () => void
  const ended = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work(), ended])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
