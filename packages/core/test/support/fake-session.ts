import type { Connection, QueryError } from 'mysql2'
import type { QueryResult } from 'mysql2/promise'

import type {
  Activity,
  Answer,
  Guard,
  Session,
  SessionReport,
  Statement,
} from '#core/connector/connector.js'
import type { Clock } from '#core/util/clock.js'
import { type Deferred, deferred } from '#core/util/deferred.js'

/** What a server can fail to answer. */
export type Hang = 'connect' | 'ping' | 'control' | 'reset' | 'close' | 'kill'

/** How the server behaves; shared by all of its sessions, changed by tests at will. */
export interface Server {
  readonly clock: Clock
  readonly hangs: Set<Hang>
  /** Error codes by the text of the statement that fails. */
  readonly failures: Map<string, string>
  readOnly: boolean
  /** Until a ping is answered, in milliseconds. */
  pingMs: number
  closeMs: number
}

type Transaction = SessionReport['transaction']

/**
 * A session without a server. It understands `SLEEP 20`, which takes 20 ms, `HANG`, which never ends by
 * itself, and what changes the session: transaction control, `SET`, `USE`, `XA START`. Anything else is
 * answered at once with the thread id.
 */
export class FakeSession implements Session {
  readonly threadId: number
  /** What reached the server, in order. */
  readonly log: string[] = []
  transaction: Transaction = 'none'
  autocommitChanged = false
  changed = false
  beyondReset = false
  /** The server has forgotten it. */
  closed = false
  /** A KILL does not end its statements. */
  stubborn = false
  destroyed = false
  readonly #server: Server
  readonly #readOnlyAtStart: boolean
  readonly #running = new Set<Deferred<unknown>>()
  readonly #whenQuiet: (() => void)[] = []
  readonly #onDeath: ((cause: Error) => void)[] = []
  #activity: Activity = {
    statement: undefined,
    startedAt: 0,
    endedAt: 0,
    transactionSince: undefined,
  }
  #xa = false
  #death: Error | undefined

  constructor(threadId: number, server: Server) {
    this.threadId = threadId
    this.#server = server
    this.#readOnlyAtStart = server.readOnly
  }

  get dead(): boolean {
    return this.#death !== undefined
  }

  get busy(): boolean {
    return this.#running.size > 0
  }

  get clean(): boolean {
    const { dead, busy, transaction, autocommitChanged, changed, beyondReset } = this.report()
    return !(dead || busy || transaction !== 'none' || autocommitChanged || changed || beyondReset)
  }

  report(): SessionReport {
    const { dead, busy, transaction, autocommitChanged, changed, beyondReset } = this
    return { dead, busy, transaction, autocommitChanged, changed, beyondReset }
  }

  activity(): Activity {
    return this.#activity
  }

  query<T extends QueryResult>(statement: Statement): Promise<Answer<T>> {
    const sql = typeof statement === 'string' ? statement : statement.sql
    return this.#send(sql).then(() => [[{ threadId: this.threadId }] as unknown as T, []])
  }

  execute<T extends QueryResult>(statement: Statement): Promise<Answer<T>> {
    return this.query<T>(statement)
  }

  start(): void {
    throw new Error('a fake has no driver')
  }

  async control(...statements: readonly string[]): Promise<void> {
    for (const sql of statements) await this.#send(sql, 'control')
  }

  ping(): Promise<void> {
    return this.#run('ping', this.#server.pingMs)
  }

  async reset(): Promise<void> {
    this.log.push('reset')
    await this.#run('reset', 0)
    this.transaction = 'none'
    this.autocommitChanged = false
    this.changed = false
  }

  markChanged(): void {
    this.changed = true
  }

  becameReadOnly(): Promise<boolean> {
    return Promise.resolve(this.#server.readOnly !== this.#readOnlyAtStart)
  }

  guarded(_guard: Guard): Connection {
    throw new Error('a fake has no driver')
  }

  abandon(error: Error): void {
    for (const statement of this.#running) statement.reject(error)
  }

  async settled(): Promise<void> {
    if (this.busy && !this.dead) await new Promise<void>((resolve) => this.#whenQuiet.push(resolve))
  }

  async close(): Promise<void> {
    this.log.push('close')
    if (!this.dead) await this.#run('close', this.#server.closeMs)
    this.#forget(lost())
  }

  destroy(): void {
    this.destroyed = true
    this.#forget(lost())
  }

  onDeath(listener: (cause: Error) => void): void {
    if (this.#death) listener(this.#death)
    else this.#onDeath.push(listener)
  }

  /** The connection is cut from outside. */
  die(cause: Error = lost()): void {
    this.#forget(cause)
  }

  /** What `KILL QUERY` does. */
  endStatements(): void {
    if (this.stubborn) return
    for (const statement of this.#running) this.#end(statement, 'ER_QUERY_INTERRUPTED')
  }

  #send(sql: string, kind?: Hang): Promise<void> {
    if (this.dead) return Promise.reject(lost())
    this.log.push(sql)
    const [verb, argument] = sql.split(' ')
    const failure = this.#server.failures.get(sql)
    const { transactionSince } = this.#activity
    const startedAt = this.#server.clock.now()
    this.#activity = { statement: sql, startedAt, endedAt: undefined, transactionSince }
    if (verb === 'HANG') return this.#run(undefined, Infinity)
    const running = this.#run(kind, verb === 'SLEEP' ? Number(argument) : 0, failure)
    return running.then(() => this.#apply(sql))
  }

  #apply(sql: string): void {
    if (/^(BEGIN|START TRANSACTION|XA START)/.test(sql)) this.transaction = 'open'
    if (sql.startsWith('XA START')) this.#xa = true
    if (/^(COMMIT|ROLLBACK)$/.test(sql)) this.transaction = this.#xa ? 'open' : 'none'
    if (sql.startsWith('SET autocommit')) this.autocommitChanged = true
    else if (/^(SET(?! TRANSACTION)|USE)/.test(sql)) this.changed = true
    const { startedAt, transactionSince = startedAt } = this.#activity
    this.#activity = {
      ...this.#activity,
      transactionSince: this.transaction === 'open' ? transactionSince : undefined,
      endedAt: this.#server.clock.now(),
    }
  }

  #run(what: Hang | undefined, ms: number, failure?: string): Promise<void> {
    if (this.dead) return Promise.reject(lost())
    const statement = deferred<void>()
    const done = statement as Deferred<unknown>
    this.#running.add(done)
    if (what && this.#server.hangs.has(what)) return statement.promise
    if (ms === 0) queueMicrotask(() => this.#end(done, failure))
    else if (ms < Infinity) this.#server.clock.after(ms, () => this.#end(done, failure))
    return statement.promise
  }

  #end(statement: Deferred<unknown>, failure: string | undefined): void {
    if (!this.#running.delete(statement)) return
    if (failure === undefined) {
      statement.resolve(undefined)
    } else {
      // An error answer carries no flags.
      this.transaction = 'unknown'
      statement.reject(sqlError(failure))
    }
    if (!this.busy) this.#wake()
  }

  #forget(cause: Error): void {
    this.closed = true
    if (this.#death) return
    this.#death = cause
    for (const statement of this.#running) statement.reject(cause)
    this.#running.clear()
    this.#wake()
    for (const listener of this.#onDeath.splice(0)) listener(cause)
  }

  #wake(): void {
    for (const wake of this.#whenQuiet.splice(0)) wake()
  }
}

/** As the driver makes them. */
export function sqlError(code: string): QueryError {
  return Object.assign(new Error(`${code} from the fake server`), { code, fatal: false })
}

function lost(): Error {
  return Object.assign(new Error('Connection lost'), { code: 'PROTOCOL_CONNECTION_LOST' })
}
