import type { Connection } from 'mysql2'
import type { QueryResult } from 'mysql2/promise'

import type { Answer, Statement } from '../connector/connector.ts'
import { codeOf, LifeguardError } from '../errors.ts'
import { ISOLATION_LEVELS, type IsolationLevel } from '../session/isolation.ts'

export interface TransactionOptions {
  /** Default: the server's, for this session. */
  isolation?: IsolationLevel | undefined
  /** Default: false. */
  readOnly?: boolean | undefined
  /** Awaited when `work` is done: the last word before COMMIT. When it throws, the transaction is rolled back. */
  beforeCommit?: (() => void | Promise<void>) | undefined
}

/** What a transaction needs of the lease that it runs on. */
interface Line {
  readonly label: string
  readonly connection: Connection
  query<T extends QueryResult>(statement: Statement, values?: unknown): Promise<Answer<T>>
  execute<T extends QueryResult>(statement: Statement, values?: unknown): Promise<Answer<T>>
  control(...statements: readonly string[]): Promise<void>
  commit(): Promise<void>
  /** What the server says after an error, which does not tell by itself. */
  inTransaction(): Promise<boolean>
  markChanged(): void
}

/** An open transaction. It ends with the function that it was given to; later use is rejected. */
export class Transaction {
  readonly #line: Line
  readonly #depth: number
  #ended = false
  #broken: unknown
  #nested: Promise<unknown> | undefined

  /** @internal */
  constructor(line: Line, depth: number) {
    this.#line = line
    this.#depth = depth
  }

  get label(): string {
    return this.#line.label
  }

  query<T extends QueryResult = QueryResult>(
    statement: Statement,
    values?: unknown,
  ): Promise<Answer<T>> {
    return this.#guard(() => this.#line.query<T>(statement, values))
  }

  execute<T extends QueryResult = QueryResult>(
    statement: Statement,
    values?: unknown,
  ): Promise<Answer<T>> {
    return this.#guard(() => this.#line.execute<T>(statement, values))
  }

  /** As `pool.withConnection`. */
  withConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#guard(() => work(this.#line.connection))
  }

  /** A transaction in a transaction is a savepoint: what it did is undone alone when `work` throws. */
  async transaction<T>(
    work: (tx: Transaction) => T | Promise<T>,
    options?: TransactionOptions,
  ): Promise<T> {
    if (options?.isolation || options?.readOnly || options?.beforeCommit) {
      throw new LifeguardError(
        'ERR_OPTIONS',
        'isolation, readOnly and beforeCommit belong to the outermost transaction: a nested one is a savepoint of it',
      )
    }
    // Savepoints nest, they don't interleave: siblings that run at the same time take turns.
    while (this.#nested) await this.#nested.catch(() => {})
    const running = this.#guard(() => this.#savepoint(work))
    this.#nested = running
    try {
      return await running
    } finally {
      this.#nested = undefined
    }
  }

  /** @internal The reason why it must not be committed any more. */
  get broken(): unknown {
    return this.#broken
  }

  /** @internal */
  end(): void {
    this.#ended = true
  }

  async #savepoint<T>(work: (tx: Transaction) => T | Promise<T>): Promise<T> {
    const name = `lifeguard_${this.#depth}`
    await this.#line.control(`SAVEPOINT ${name}`)
    const nested = new Transaction(this.#line, this.#depth + 1)
    try {
      const result = await work(nested)
      if (nested.broken !== undefined) throw nested.broken
      await this.#line.control(`RELEASE SAVEPOINT ${name}`)
      return result
    } catch (error) {
      await this.#undo(name, error)
      throw error
    } finally {
      nested.end()
    }
  }

  async #undo(savepoint: string, reason: unknown): Promise<void> {
    if (isGone(reason)) {
      this.#broken ??= reason
      return
    }
    // When this fails too, the caller still wants to know why it all began; nothing may be committed.
    await this.#line.control(`ROLLBACK TO SAVEPOINT ${savepoint}`).catch(() => {
      this.#broken ??= reason
    })
  }

  /** With `innodb_rollback_on_timeout` a lock wait that takes too long ends the transaction; else it does not. */
  async #hasEnded(reason: unknown): Promise<boolean> {
    if (codeOf(reason) !== 'ER_LOCK_WAIT_TIMEOUT') return isGone(reason)
    // A connection that is lost cannot commit either.
    return !(await this.#line.inTransaction().catch(() => true))
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.#ended) {
      throw new LifeguardError(
        'ERR_LEASE_RELEASED',
        `the transaction has ended; await everything before its function returns (${this.label})`,
      )
    }
    // What follows would run, and commit, outside of the transaction that its author believes in.
    if (this.#broken !== undefined) throw this.#broken
    try {
      return await work()
    } catch (error) {
      if (await this.#hasEnded(error)) this.#broken ??= error
      throw error
    }
  }
}

/** Runs `work` in a transaction of the lease's connection. */
export async function runTransaction<T>(
  line: Line,
  work: (tx: Transaction) => T | Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  await begin(line, options)
  const tx = new Transaction(line, 1)
  try {
    const result = await work(tx)
    if (tx.broken !== undefined) throw tx.broken
    await options.beforeCommit?.()
    tx.end()
    await line.commit()
    return result
  } catch (error) {
    tx.end()
    // The release rolls back again where this fails; the caller gets the reason, not the aftermath.
    await line.control('ROLLBACK').catch(() => {})
    throw error
  }
}

async function begin(line: Line, { isolation, readOnly }: TransactionOptions): Promise<void> {
  if (isolation !== undefined && !ISOLATION_LEVELS.includes(isolation)) {
    throw new LifeguardError(
      'ERR_OPTIONS',
      `isolation must be one of ${ISOLATION_LEVELS.join(', ')}, not ${isolation as string}`,
    )
  }
  const start = readOnly ? 'START TRANSACTION READ ONLY' : 'START TRANSACTION'
  if (isolation === undefined) return line.control(start)
  try {
    await line.control(`SET TRANSACTION ISOLATION LEVEL ${isolation}`, start)
  } catch (error) {
    // The level waits for the next transaction, which may be the next borrower's.
    line.markChanged()
    throw error
  }
}

// A deadlock, a record that has changed since the snapshot (MariaDB), no memory left for locks.
const ROLLED_BACK: ReadonlySet<string> = new Set([
  'ER_LOCK_DEADLOCK',
  'ER_CHECKREAD',
  'ER_LOCK_TABLE_FULL',
])

/** The server has ended the whole transaction by itself, savepoints included. */
function isGone(error: unknown): boolean {
  return ROLLED_BACK.has(codeOf(error) ?? '')
}
