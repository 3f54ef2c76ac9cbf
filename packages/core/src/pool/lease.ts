import type { Connection } from 'mysql2'
import type { QueryResult } from 'mysql2/promise'

import {
  type Answer,
  type Command,
  type Guard,
  isCommand,
  type Session,
  type Statement,
} from '../connector/connector.ts'
import { codeOf, LifeguardError } from '../errors.ts'
import { labelText } from '../util/text.ts'
import { type CallerStack, writeStack } from './caller-stack.ts'
import type { Slot } from './slot.ts'
import { runTransaction, type Transaction, type TransactionOptions } from './transaction.ts'
import type { LeaseOwner } from './wait-queue.ts'

/** What a lease needs of the pool that lent it. */
export interface LeaseHost {
  readonly name: string
  /** 0: no limit. */
  readonly statementTimeout: number
  /** For a COMMIT to be answered when the lease ends meanwhile. */
  readonly settleTimeout: number
  /** Takes the connection back. Resolves when it is fit for the next borrower, or gone. */
  takeBack(slot: Slot, lease: Lease): Promise<void>
  /** As `takeBack`, but throws the connection away. */
  discard(slot: Slot, lease: Lease): Promise<void>
  /** Ends a statement that runs for longer than allowed; resolves when it has ended. */
  interrupt(slot: Slot, label: string): Promise<void>
  after(ms: number, fn: () => void): { cancel(): void }
}

const DONE: Promise<void> = Promise.resolve()

/**
 * The right to use one connection until `release`. Afterwards every use, through the lease or through
 * anything that it gave out, is rejected with `ERR_LEASE_RELEASED` and never reaches the connection.
 */
export class Lease {
  /** When it was lent, on the pool's clock. */
  readonly since: number
  /** @internal The scope that owns it. */
  readonly owner: LeaseOwner | undefined
  /** @internal */
  suspected = false
  readonly #host: LeaseHost
  readonly #label: string | undefined
  #origin: CallerStack | undefined
  #slot: Slot | undefined
  #ended: Error | undefined
  #endedBy: Promise<void> = DONE
  #interrupting: Promise<void> | undefined
  #committing: Promise<void> | undefined
  #connection: Connection | undefined
  #onEnd: (() => void)[] | undefined

  /** @internal */
  constructor(
    host: LeaseHost,
    slot: Slot,
    label: string | undefined,
    since: number,
    owner: LeaseOwner | undefined,
    origin: CallerStack | undefined,
  ) {
    this.#host = host
    this.#slot = slot
    this.#label = label
    this.since = since
    this.owner = owner
    this.#origin = origin
  }

  /** Who holds it, for people: a route, a job, a name of yours. */
  get label(): string {
    return labelText(this.#label ?? this.owner?.label)
  }

  /** Where it was acquired; only with `leakThreshold`, and until it is released. */
  get stack(): string | undefined {
    return this.#origin && writeStack(this.#origin)
  }

  /** True from `release` on. */
  get released(): boolean {
    return this.#slot === undefined
  }

  /** The server's id of the connection, the one in its process list. */
  get threadId(): number {
    return this.#session().threadId
  }

  /** mysql2's connection (callback style) for streams and events; as dead as the lease after the release. */
  get connection(): Connection {
    this.#connection ??= this.#session().guarded(this.#guard())
    return this.#connection
  }

  /** Sends a statement as text. The result has the shape of mysql2/promise's. */
  async query<T extends QueryResult = QueryResult>(
    statement: Statement,
    values?: unknown,
  ): Promise<Answer<T>> {
    try {
      return await this.send<T>('query', statement, values)
    } catch (error) {
      throw withStackOfCaller(error)
    }
  }

  /** Sends a prepared statement. The result has the shape of mysql2/promise's. */
  async execute<T extends QueryResult = QueryResult>(
    statement: Statement,
    values?: unknown,
  ): Promise<Answer<T>> {
    try {
      return await this.send<T>('execute', statement, values)
    } catch (error) {
      throw withStackOfCaller(error)
    }
  }

  /** COMMIT when `work` resolves, ROLLBACK when it throws. */
  transaction<T>(
    work: (tx: Transaction) => T | Promise<T>,
    options?: TransactionOptions,
  ): Promise<T> {
    return runTransaction(this, work, options)
  }

  /** Gives the connection back. A second call is the same release; it never rejects. */
  release(): Promise<void> {
    const slot = this.#slot
    if (!slot) return this.#endedBy
    this.#close(undefined)
    this.#endedBy = this.#giveBack(slot)
    return this.#endedBy
  }

  /** Releases, and has the pool throw the connection away. */
  destroy(): Promise<void> {
    const slot = this.#slot
    if (!slot) return this.#endedBy
    this.#close(undefined)
    this.#endedBy = this.#host.discard(slot, this)
    return this.#endedBy
  }

  /** @internal Ends the lease against its holder's will: running and later uses are rejected with `reason`. */
  revoke(reason: Error): Promise<void> {
    const slot = this.#slot
    if (!slot) return this.#endedBy
    this.#close(reason)
    this.#endedBy = this.#giveBack(slot, reason)
    return this.#endedBy
  }

  /** @internal A statement of it is still running. */
  get busy(): boolean {
    const session = this.#slot?.session
    return session !== undefined && !session.clean && session.report().busy
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release()
  }

  /** @internal Statements of the pool's own, such as BEGIN; they go to the server in one round trip. */
  async control(...statements: readonly string[]): Promise<void> {
    if (this.#interrupting) await this.#interrupting
    await this.#session().control(...statements)
  }

  /** @internal */
  async commit(): Promise<void> {
    if (this.#interrupting) await this.#interrupting
    this.#committing = this.#session().control('COMMIT')
    try {
      await this.#committing
    } finally {
      this.#committing = undefined
    }
  }

  /** @internal */
  async inTransaction(): Promise<boolean> {
    const session = this.#session()
    await session.ping()
    return session.report().transaction !== 'none'
  }

  /** @internal */
  markChanged(): void {
    this.#slot?.session?.markChanged()
  }

  /**
   * A COMMIT that is under way is not cut short: it would be done or not, and nobody would know. Whoever waits for
   * it gets the server's answer, unless that takes too long.
   */
  #giveBack(slot: Slot, reason?: Error): Promise<void> {
    const commit = this.#committing
    if (!commit) return this.#takeFrom(slot, reason)
    return this.#answered(commit).then(() => this.#takeFrom(slot, reason))
  }

  #takeFrom(slot: Slot, reason: Error | undefined): Promise<void> {
    const session = slot.session!
    if (reason && !session.clean) session.abandon(reason)
    return this.#host.takeBack(slot, this)
  }

  #answered(commit: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#host.after(this.#host.settleTimeout, resolve)
      const stop = (): void => {
        timer.cancel()
        resolve()
      }
      commit.then(stop, stop)
    })
  }

  #session(): Session {
    const slot = this.#slot
    if (!slot) throw this.#endError()
    return slot.session!
  }

  /** @internal Sends a command, and releases as soon as it is answered. */
  startOnce(command: Command): void {
    const { onResult } = command
    command.onResult = (error, ...results) => {
      void this.release()
      onResult?.(error, ...results)
    }
    try {
      this.#session().start(command)
    } catch (error) {
      // Values that cannot be bound.
      process.nextTick(command.onResult, error)
    }
  }

  /** @internal For callers that count every promise, and see to the stack of an error themselves. */
  send<T extends QueryResult>(
    kind: 'query' | 'execute',
    statement: Statement,
    values: unknown,
  ): Promise<Answer<T>> {
    const session = this.#session()
    const timeout = typeof statement === 'object' ? statement.timeout : undefined
    if (this.#interrupting || timeout !== undefined || this.#host.statementTimeout > 0) {
      return this.#runLimited(kind, statement, values, timeout ?? this.#host.statementTimeout)
    }
    return session[kind]<T>(statement, values)
  }

  /** mysql2's own `timeout` gives up waiting and leaves the statement running; this one ends it. */
  async #runLimited<T extends QueryResult>(
    kind: 'query' | 'execute',
    statement: Statement,
    values: unknown,
    timeout: number,
  ): Promise<Answer<T>> {
    // A KILL that is under way could hit this statement instead of the one before.
    if (this.#interrupting) await this.#interrupting
    const session = this.#session()
    const slot = this.#slot!
    const untimed = withoutTimeout(statement)
    if (!(timeout > 0)) return session[kind]<T>(untimed, values)
    let timedOut: LifeguardError | undefined
    const timer = this.#host.after(timeout, () => {
      timedOut = new LifeguardError(
        'ERR_STATEMENT_TIMEOUT',
        `${this.#host.name}: the statement did not end within ${timeout} ms and was killed (${this.label})`,
      )
      session.abandon(timedOut)
      this.#interrupting = this.#host.interrupt(slot, this.label).finally(() => {
        this.#interrupting = undefined
      })
    })
    try {
      return await session[kind]<T>(untimed, values)
    } finally {
      timer.cancel()
      if (timedOut) session.markChanged()
    }
  }

  #close(reason: Error | undefined): void {
    this.#slot = undefined
    // It keeps alive what the callers' frames do.
    this.#origin = undefined
    this.#ended = reason
    this.owner?.leaseEnded(this)
    const listeners = this.#onEnd
    this.#onEnd = undefined
    if (listeners) for (const listener of listeners) listener()
  }

  #endError(): Error {
    this.#ended ??= new LifeguardError(
      'ERR_LEASE_RELEASED',
      `${this.#host.name}: this connection was released and may be somebody else's by now (${this.label})`,
    )
    return this.#ended
  }

  #guard(): Guard {
    return {
      error: () => (this.#slot ? undefined : this.#endError()),
      release: () => this.release(),
      destroy: () => void this.destroy(),
      onEnd: (listener) => {
        this.#onEnd ??= []
        this.#onEnd.push(listener)
      },
    }
  }
}

/** For mysql2, which would only stop waiting. */
function withoutTimeout(statement: Statement): Statement {
  if (typeof statement === 'string') return statement
  if (!isCommand(statement)) return { ...statement, timeout: 0 }
  // mysql2 knows it by its class, so it cannot be copied.
  statement.timeout = 0
  return statement
}

/**
 * @internal A driver's error is born where a packet arrives, and its stack names no line of the caller's. Thrown on
 * from an async function, it gets the awaiting callers' frames, at no cost for what succeeds.
 */
export function withStackOfCaller(error: unknown): unknown {
  if (error instanceof Error && codeOf(error) !== undefined && !(error instanceof LifeguardError)) {
    Error.captureStackTrace(error, withStackOfCaller)
  }
  return error
}
