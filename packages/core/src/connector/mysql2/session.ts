import type { Connection, RowDataPacket } from 'mysql2'
import type { FieldPacket, QueryResult } from 'mysql2/promise'

import {
  type Activity,
  type Answer,
  type Command,
  type Guard,
  isCommand,
  type Session,
  type SessionReport,
  type Statement,
} from '../connector.ts'
import { type Baseline, readBaseline, restoreStatements } from './baseline.ts'
import { guardConnection } from './guarded-connection.ts'
import { inContext } from './in-context.ts'
import { type SetUp, SetUpUse } from './set-up.ts'
import { serverVersionOf, socketOf, type Wire } from './wire.ts'

const TRACKING_ON = 'SET session_track_state_change = ON'

/** One mysql2 connection, watched by a wire. */
export class Mysql2Session implements Session {
  readonly threadId: number
  readonly #core: Connection
  readonly #wire: Wire
  readonly #setUp: SetUp
  readonly #setUpUse = new SetUpUse(this)
  readonly #onDeath: ((cause: Error) => void)[] = []
  #baseline: Baseline | undefined
  #observable = false
  #death: Error | undefined

  /** The connection must be through its handshake. */
  constructor(core: Connection, wire: Wire, setUp: SetUp) {
    this.#core = core
    this.#wire = wire
    this.#setUp = setUp
    this.threadId = core.threadId
    // The error listener stays for ever: a second error without one would end the process.
    core.on('error', (error: Error) => this.#died(error))
    core.on('end', () => this.#died(lost()))
    // A reset by the peer while a statement runs emits nothing but the socket's `close`.
    const socket = socketOf(core)
    socket.on('close', () => this.#died(lost()))
    if (socket.destroyed) this.#died(lost())
  }

  /** Runs the user's set-up and remembers the session as it is then. */
  async begin(tracking: boolean): Promise<void> {
    await this.#wire.sendTogether(() =>
      [...(tracking ? [TRACKING_ON] : []), ...this.#setUp.initSql].map((sql) => this.#send(sql)),
    )
    await this.#setUpUse.run(this.#setUp.onConnect)
    this.#baseline = await readBaseline((sql) => this.#select(sql), this.#isOldMysql(), tracking)
    this.#wire.markBaseline()
  }

  /** Whether `report` may believe what the wire sees; else every use counts as dirty. */
  setObservable(observable: boolean): void {
    this.#observable = observable
  }

  get dead(): boolean {
    return this.#death !== undefined
  }

  get clean(): boolean {
    return this.#observable && this.#death === undefined && this.#wire.clean
  }

  report(): SessionReport {
    const seen = this.#wire.report(this.#death !== undefined)
    return this.#observable ? seen : { ...seen, transaction: 'unknown', changed: true }
  }

  activity(): Activity {
    return this.#wire.activity()
  }

  query<T extends QueryResult>(statement: Statement, values?: unknown): Promise<Answer<T>> {
    return new Promise((resolve, reject) => {
      const bound = values ?? (typeof statement === 'string' ? undefined : statement.values)
      this.#wire.sendTemplate(textOf(statement), bound, false, () => {
        const answer = settle<T>(resolve, reject)
        if (isCommand(statement)) {
          // mysql2, and what traces it, take nothing beside a command.
          statement.onResult = answer as Command['onResult']
          this.#core.query(statement as never)
        } else {
          this.#core.query(statement as string, values as never, answer as never)
        }
      })
    })
  }

  execute<T extends QueryResult>(statement: Statement, values?: unknown): Promise<Answer<T>> {
    return new Promise((resolve, reject) => {
      this.#wire.sendTemplate(textOf(statement), values, true, () => {
        this.#core.execute(
          statement as string,
          values as never,
          settle<T>(resolve, reject) as never,
        )
      })
    })
  }

  start(command: Command): void {
    command.onResult = inContext(command.onResult)
    this.#wire.sendTemplate(command.sql, command.values, false, () => {
      this.#core.query(command as never)
    })
  }

  /** For the self-test: takes the statement for `DO 1`, so that only the server's flags tell what it does. */
  queryUnjudged(sql: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wire.sendTemplate('DO 1', undefined, true, () => {
        this.#core.query(sql, (error) => (error ? reject(error) : resolve()))
      })
    })
  }

  async control(...statements: readonly string[]): Promise<void> {
    await this.#wire.sendTogether(() => statements.map((sql) => this.#send(sql)))
  }

  ping(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wire.sendTrusted(() => {
        this.#core.ping((error) => (error ? reject(error) : resolve()))
      })
    })
  }

  async reset(): Promise<void> {
    const baseline = this.#baseline
    if (!baseline) throw new Error('BUG: reset before begin')
    await this.#wire.sendTogether(() => [
      this.#resetConnection(),
      ...[...restoreStatements(baseline), ...this.#setUp.initSql].map((sql) => this.#send(sql)),
    ])
    if (this.#setUp.onConnect) {
      await this.#setUpUse.run(this.#setUp.onConnect)
      // Its answers are judged like anybody's; this leaves the flags of one that is the pool's own.
      await this.ping()
    }
    this.#wire.markClean()
  }

  async becameReadOnly(): Promise<boolean> {
    if (!this.#wire.readOnlyHint) return false
    const [row] = await this.#select('SELECT @@global.read_only AS read_only')
    this.#wire.forgetReadOnlyHint()
    return String(row?.['read_only']) !== this.#baseline?.readOnly
  }

  guarded(guard: Guard): Connection {
    return guardConnection(this.#core, this.#wire, guard)
  }

  abandon(error: Error): void {
    this.#wire.abandon(error)
  }

  settled(): Promise<void> {
    // What ran when it died never ends.
    return this.#death ? Promise.resolve() : this.#wire.idle()
  }

  markChanged(): void {
    this.#wire.markChanged()
  }

  close(): Promise<void> {
    if (this.#death) {
      this.#core.destroy()
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      this.onDeath(() => resolve())
      // mysql2's callback comes when the goodbye is written; the socket's end is what counts.
      this.#core.end()
    })
  }

  destroy(): void {
    this.#core.destroy()
    socketOf(this.#core).destroy()
    this.#died(lost())
  }

  onDeath(listener: (cause: Error) => void): void {
    if (this.#death) listener(this.#death)
    else this.#onDeath.push(listener)
  }

  #died(cause: Error): void {
    if (this.#death) return
    this.#death = cause
    this.#wire.died(cause)
    for (const listener of this.#onDeath.splice(0)) listener(cause)
  }

  #send(sql: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#core.query(sql, (error, rows) => (error ? reject(error) : resolve(rows)))
    })
  }

  #resetConnection(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#core.reset((error) => (error ? reject(error) : resolve()))
    })
  }

  async #select(sql: string): Promise<RowDataPacket[]> {
    // Whatever row format the user chose for the pool, these rows are objects.
    const options = { sql, rowsAsArray: false, nestTables: false, typeCast: true }
    return new Promise((resolve, reject) => {
      this.#wire.sendTrusted(() => {
        this.#core.query<RowDataPacket[]>(options, (error, rows) =>
          error ? reject(error) : resolve(rows),
        )
      })
    })
  }

  /** MySQL 5, which has no roles. */
  #isOldMysql(): boolean {
    const version = serverVersionOf(this.#core)
    return version.startsWith('5.') && !version.includes('MariaDB')
  }
}

function settle<T extends QueryResult>(
  resolve: (answer: Answer<T>) => void,
  reject: (error: Error) => void,
): (error: Error | null, rows: unknown, fields: FieldPacket[]) => void {
  return (error, rows, fields) => {
    if (error) reject(error)
    else resolve([rows as T, fields])
  }
}

function textOf(statement: Statement): string {
  return typeof statement === 'string' ? statement : statement.sql
}

function lost(): Error {
  return Object.assign(new Error('Connection lost'), { code: 'PROTOCOL_CONNECTION_LOST' })
}
