import type { Duplex } from 'node:stream'

import { Connection, type Query } from 'mysql2'

import { LONGEST_TEXT } from '../../session/digest.ts'
import { bindsOnlyScalars, mayOutliveReset, type Verdict } from '../../session/verdict.ts'
import type { Clock } from '../../util/clock.ts'
import type { Activity, SessionReport } from '../connector.ts'

/*
 * The only file that reads mysql2's private parts. What it relies on is tested on the first connection
 * of every pool (self-test.ts); when that fails, nothing seen here is believed any more.
 *
 * mysql2 drops what the pool needs most: the status flags at the end of a SELECT. So the wire watches
 * the packets that end a command, and the commands that are sent.
 */

interface Packet {
  readonly buffer: Buffer
  /** Where the payload begins, behind the header. */
  readonly offset: number
  readonly end: number
}

interface Command {
  onResult?: ((error: Error | null, ...rest: unknown[]) => void) | undefined
  readonly sql?: string
  readonly statement?: { readonly query: string }
  execute(packet: Packet | undefined, connection: PrivateConnection): boolean
  on(event: string, listener: () => void): unknown
  listenerCount(event: string): number
  emit(event: string, ...args: unknown[]): boolean
}

interface PrivateConnection {
  _command: Command | null | undefined
  readonly _commands: { readonly length: number; shift(): Command | undefined }
  readonly _paused: boolean
  readonly stream: { cork(): void; uncork(): void; readonly destroyed: boolean }
  readonly config: { charsetNumber: number; compress?: unknown; queryFormat?: unknown }
  clientEncoding: string
  sequenceId: number
  handlePacket(packet?: Packet): void
  addCommand(command: Command): Command
  resume(): void
}

const STATUS_UNKNOWN = -1
const STATUS_IN_TRANSACTION = 0x0001
const STATUS_AUTOCOMMIT = 0x0002
const STATUS_SESSION_CHANGED = 0x4000

const MARKER_OK = 0x00
const MARKER_EOF = 0xfe
const MARKER_ERROR = 0xff
const EOF_MAX_LENGTH = 9

const TRACKER_TRANSACTION_STATE = 5
const UNDERSCORE = 0x5f

/** The server has become read-only: ER_OPTION_PREVENTS_STATEMENT, ER_READ_ONLY_MODE. */
const ERRNO_READ_ONLY: ReadonlySet<number> = new Set([1290, 1836])

/** Of longer statements only the beginning is kept, so that no connection holds on to what it has sent. */
const LONGEST_KEPT: number = LONGEST_TEXT + 1

/** After which all of the transaction is undone: ER_LOCK_DEADLOCK. */
const ERRNO_DEADLOCK = 1213

/** How a command is judged before its answer is seen. `trusted`: it is the pool's own. */
type Announcement = Verdict | 'trusted'

/** Sent one after the other without waiting, answered in order. */
class Batch implements Command {
  onResult: (error: Error | null) => void
  readonly #commands: readonly Command[]
  #answered = -1

  constructor(commands: readonly Command[], onResult: (error: Error | null) => void) {
    this.#commands = commands
    this.onResult = onResult
  }

  execute(packet: Packet | undefined, connection: PrivateConnection): boolean {
    if (this.#answered === -1) {
      this.#answered = 0
      connection.stream.cork()
      for (const command of this.#commands) command.execute(undefined, connection)
      connection.stream.uncork()
      return false
    }
    const done = this.#commands[this.#answered]!.execute(packet, connection)
    if (!done) return false
    this.#answered++
    // Every answer counts from its own question, whose sequence id was 0.
    connection.sequenceId = 1
    if (this.#answered < this.#commands.length) return false
    this.onResult(null)
    return true
  }

  /** Not named `sql`: it is no statement that anybody may judge. */
  get texts(): string {
    return this.#commands.map(({ sql }) => sql ?? '').join('; ')
  }

  stateName(): string {
    return `answer ${this.#answered}`
  }

  on(): void {}

  listenerCount(): number {
    return 0
  }

  emit(): boolean {
    return false
  }
}

/** The socket of a connection; after the handshake, the one that TLS may have put in its place. */
export function socketOf(connection: Connection): Duplex {
  return (connection as unknown as { stream: Duplex }).stream
}

/** A command for whoever sent a statement to a connection that takes no more. */
export function unsentCommand(callback: unknown): Query {
  const { createQuery } = Connection as unknown as {
    createQuery(sql: string, values: undefined, callback: unknown, config: object): Query
  }
  return createQuery('', undefined, callback, {})
}

/** What has made a connection useless, as mysql2 tells it. */
export function fatalErrorOf(connection: Connection): unknown {
  return (connection as unknown as { fatalError: unknown }).fatalError
}

/** As the server tells it in its handshake: `8.4.3`, `10.11.6-MariaDB`. */
export function serverVersionOf(connection: Connection): string {
  const { _handshakePacket: handshake } = connection as unknown as {
    _handshakePacket?: { serverVersion?: string }
  }
  return handshake?.serverVersion ?? ''
}

/** Watches what goes over one mysql2 connection. */
export class Wire {
  readonly #core: PrivateConnection
  readonly #judge: (sql: string) => Verdict
  readonly #clock: Clock
  readonly #addCommand: (command: Command) => Command
  readonly #handlePacket: (packet?: Packet) => void
  readonly #trusted = new WeakSet<Command>()
  readonly #templatesSpeak: boolean
  #status = STATUS_UNKNOWN
  #autocommitAtStart = true
  #changed = false
  #beyondReset = false
  #readOnlyHint = false
  #announced: Announcement | undefined
  #batching: Command[] | undefined
  #onIdle: (() => void)[] = []
  #charsetNumber = 0
  #clientEncoding = ''
  #template: string | undefined
  #statement: string | undefined
  #startedAt = 0
  #endedAt: number | undefined = 0
  #transactionSince: number | undefined

  constructor(connection: Connection, judge: (sql: string) => Verdict, clock: Clock) {
    const core = connection as unknown as PrivateConnection
    this.#core = core
    this.#judge = judge
    this.#clock = clock
    // With a format function of the user's own, a template says nothing about what is sent.
    this.#templatesSpeak = typeof core.config.queryFormat !== 'function'
    this.#addCommand = core.addCommand
    this.#handlePacket = core.handlePacket
    core.addCommand = (command) => this.#onCommand(command)
    core.handlePacket = (packet) => this.#onPacket(packet)
  }

  get busy(): boolean {
    return this.#core._command != null || this.#core._commands.length > 0
  }

  get readOnlyHint(): boolean {
    return this.#readOnlyHint
  }

  report(dead: boolean): SessionReport {
    const status = this.#status
    const known = status !== STATUS_UNKNOWN
    return {
      dead,
      busy: this.busy,
      transaction: !known ? 'unknown' : status & STATUS_IN_TRANSACTION ? 'open' : 'none',
      autocommitChanged: known && ((status & STATUS_AUTOCOMMIT) !== 0) !== this.#autocommitAtStart,
      changed: this.#changed,
      beyondReset: this.#beyondReset,
    }
  }

  activity(): Activity {
    return {
      statement: this.#statement,
      startedAt: this.#startedAt,
      endedAt: this.#endedAt,
      transactionSince: this.#transactionSince,
    }
  }

  /** Nothing to do at release: the answer that almost every lease gets, so it allocates nothing. */
  get clean(): boolean {
    const expected = this.#autocommitAtStart ? STATUS_AUTOCOMMIT : 0
    return (
      !this.#changed &&
      this.#status !== STATUS_UNKNOWN &&
      (this.#status & (STATUS_IN_TRANSACTION | STATUS_AUTOCOMMIT)) === expected &&
      !this.#readOnlyHint &&
      !this.#beyondReset &&
      !this.busy
    )
  }

  /** From here on, the session as it is now counts as clean. */
  markBaseline(): void {
    this.#autocommitAtStart = (this.#status & STATUS_AUTOCOMMIT) !== 0
    this.#charsetNumber = this.#core.config.charsetNumber
    this.#clientEncoding = this.#core.clientEncoding
    this.markClean()
  }

  /** After a reset that restored the baseline. */
  markClean(): void {
    this.#changed = false
    this.#readOnlyHint = false
    // mysql2 follows `SET NAMES` on its side, but not the server's way back from it.
    this.#core.config.charsetNumber = this.#charsetNumber
    this.#core.clientEncoding = this.#clientEncoding
  }

  markChanged(): void {
    this.#changed = true
  }

  forgetReadOnlyHint(): void {
    this.#readOnlyHint = false
  }

  /** Runs `send`, whose one command is judged by its template, so that the verdict can be remembered. */
  sendTemplate<T>(sql: string, values: unknown, prepared: boolean, send: () => T): T {
    if (prepared || (this.#templatesSpeak && bindsOnlyScalars(values))) {
      this.#announced = this.#judge(sql)
    }
    this.#template = sql
    try {
      return send()
    } finally {
      this.#announced = undefined
      this.#template = undefined
    }
  }

  /** Runs `send`, whose commands are the pool's own: the pool answers for what they do to the session. */
  sendTrusted<T>(send: () => T): T {
    this.#announced = 'trusted'
    try {
      return send()
    } finally {
      this.#announced = undefined
    }
  }

  /**
   * Sends all commands that `queue` adds in one write and waits for all answers: one round trip. Over a
   * compressed connection, whose frames are numbered apart, they are sent one by one instead.
   */
  async sendTogether(queue: () => Promise<unknown>[]): Promise<void> {
    if (this.#core.config.compress) {
      await Promise.all(this.sendTrusted(queue))
      return
    }
    const commands: Command[] = []
    this.#batching = commands
    let answers: Promise<unknown>[]
    try {
      answers = queue()
    } finally {
      this.#batching = undefined
    }
    const sent = new Promise<void>((resolve, reject) => {
      const batch = new Batch(commands, (error) => {
        if (error === null) return resolve()
        for (const command of commands) command.onResult?.(error)
        reject(error)
      })
      this.sendTrusted(() => this.#core.addCommand(batch))
    })
    await Promise.all([...answers, sent])
  }

  /** Rejects what runs and what is queued. What runs goes on at the server; its answer is dropped. */
  abandon(error: Error): void {
    const running = this.#core._command
    const doomed: Command[] = []
    for (let next = this.#core._commands.shift(); next; next = this.#core._commands.shift()) {
      doomed.push(next)
    }
    if (running) doomed.unshift(running)
    if (doomed.length > 0) this.#changed = true
    for (const [i, command] of doomed.entries()) {
      // The first half of an `execute`: the second half carries the caller's callback.
      if (isPrepare(command) && doomed[i + 1] && awaitsPrepare(doomed[i + 1]!)) {
        command.onResult = ignore
        continue
      }
      reject(command, error)
    }
    if (this.#core._paused) this.#core.resume()
  }

  /** Resolves when nothing runs and nothing is queued. */
  idle(): Promise<void> {
    if (!this.busy) return Promise.resolve()
    return new Promise((resolve) => this.#onIdle.push(resolve))
  }

  /** The connection is dead: whoever waits for it to be idle need not wait. */
  died(cause: Error): void {
    this.#status = STATUS_UNKNOWN
    this.#endedAt ??= this.#clock.now()
    this.#transactionSince = undefined
    // mysql2 tells those that call back, and leaves those that are listened to waiting for ever.
    const running = this.#core._command
    if (running && !running.onResult) reject(running, cause)
    this.#wakeIdle()
  }

  #onCommand(command: Command): Command {
    if (this.#batching) {
      this.#batching.push(command)
      return command
    }
    if (isPrepare(command) || closesStatement(command)) return this.#add(command)
    // Until its answer is in, nothing is known: a half-read answer must never look clean.
    this.#status = STATUS_UNKNOWN
    const announced = this.#announced
    if (announced === 'trusted') this.#trusted.add(command)
    else this.#note(command, announced)
    return this.#add(command)
  }

  #add(command: Command): Command {
    if (!this.busy && isWork(command)) {
      this.#onStart(this.#template ?? textOf(command), this.#clock.now())
    }
    return this.#addCommand.call(this.#core, command)
  }

  #onStart(sql: string | undefined, now: number): void {
    this.#statement = sql !== undefined && sql.length > LONGEST_KEPT ? beginningOf(sql) : sql
    this.#startedAt = now
    this.#endedAt = undefined
  }

  /** A command has ended; the one that was queued behind it has begun. */
  #onEnd(now: number): void {
    const next = this.#core._command
    if (next && isWork(next)) this.#onStart(textOf(next), now)
    else this.#endedAt ??= now
  }

  #note(command: Command, announced: Verdict | undefined): void {
    if (isPing(command)) return
    const sql = command.sql ?? command.statement?.query
    if (sql === undefined) {
      this.#changed = true
      this.#beyondReset ||= !isReset(command)
      return
    }
    if ((announced ?? this.#judge(sql)) === 'harmless') return
    this.#changed = true
    this.#beyondReset ||= mayOutliveReset(sql)
  }

  #onPacket(packet?: Packet): void {
    const core = this.#core
    const command = core._command
    if (!packet || !command) {
      this.#handlePacket.call(core, packet)
      return
    }
    // mysql2 reuses the packet object: read it before it goes on.
    const { buffer, offset, end } = packet
    const marker = buffer[offset]!
    if (marker !== MARKER_OK && marker !== MARKER_EOF && marker !== MARKER_ERROR) {
      this.#handlePacket.call(core, packet)
      return
    }
    if (marker === MARKER_ERROR) this.#onError(buffer, offset)
    // What is called back now, and what was queued, may begin before we go on.
    const startedAt = this.#startedAt
    this.#handlePacket.call(core, packet)
    if (core._command === command) return
    this.#onEnd(this.#clock.now())
    if (marker === MARKER_EOF && end - offset < EOF_MAX_LENGTH) {
      this.#onStatus(buffer[offset + 3]! | (buffer[offset + 4]! << 8), command, startedAt)
    } else if (marker === MARKER_OK && !isPrepare(command)) {
      this.#onStatus(statusOfOk(buffer, offset), command, startedAt)
    }
    if (!this.busy) this.#wakeIdle()
  }

  /** An error answer carries no status: the transaction may be open, or gone. */
  #onError(buffer: Buffer, offset: number): void {
    this.#status = STATUS_UNKNOWN
    const errno = buffer.readUInt16LE(offset + 1)
    if (ERRNO_READ_ONLY.has(errno)) this.#readOnlyHint = true
    if (errno === ERRNO_DEADLOCK) this.#transactionSince = undefined
  }

  #onStatus(status: number, command: Command, startedAt: number): void {
    if (status & STATUS_SESSION_CHANGED && !this.#trusted.has(command)) this.#changed = true
    if ((status & STATUS_IN_TRANSACTION) === 0) this.#transactionSince = undefined
    else this.#transactionSince ??= startedAt
    // Another command has been sent meanwhile: only its own answer counts.
    if (!this.busy) this.#status = status
  }

  #wakeIdle(): void {
    if (this.#onIdle.length === 0) return
    const waiting = this.#onIdle
    this.#onIdle = []
    for (const wake of waiting) wake()
  }
}

/**
 * The status in an OK packet: marker, affected rows, insert id, status, warnings, message, changes. MySQL 9
 * calls every BEGIN and COMMIT a change of the session, though nobody asked; other flags show those.
 */
function statusOfOk(buffer: Buffer, offset: number): number {
  const at = afterNumber(buffer, afterNumber(buffer, offset + 1))
  const status = buffer.readUInt16LE(at)
  if (!(status & STATUS_SESSION_CHANGED)) return status
  const changes = afterText(buffer, at + 4)
  return isTransactionStateOnly(buffer, changes) ? status & ~STATUS_SESSION_CHANGED : status
}

/** One change whose text is that of a transaction, and that does not end with `L` for locked tables. */
function isTransactionStateOnly(buffer: Buffer, changes: number): boolean {
  const first = afterNumber(buffer, changes)
  const end = afterText(buffer, changes)
  return (
    buffer[first] === TRACKER_TRANSACTION_STATE &&
    afterText(buffer, first + 1) === end &&
    buffer[end - 1] === UNDERSCORE
  )
}

/** A ping asks whether the connection lives, and to close a statement is not answered. */
function isWork(command: Command): boolean {
  return !isPing(command) && !closesStatement(command)
}

/** For who looks in from outside. */
function textOf(command: Command): string | undefined {
  if (command instanceof Batch) return command.texts
  return command.sql ?? command.statement?.query
}

/** A copy: a slice would keep the whole text alive. */
function beginningOf(sql: string): string {
  return Buffer.from(sql.slice(0, LONGEST_KEPT)).toString()
}

/** Where a length-encoded integer ends. */
function afterNumber(buffer: Buffer, at: number): number {
  const lead = buffer[at]!
  return at + (lead < 0xfb ? 1 : lead === 0xfc ? 3 : lead === 0xfd ? 4 : 9)
}

/** Where a length-encoded text ends; NaN for one of 64 kB and more, which no message and no change is. */
function afterText(buffer: Buffer, at: number): number {
  const lead = buffer[at]!
  if (lead < 0xfb) return at + 1 + lead
  return lead === 0xfc ? at + 3 + buffer.readUInt16LE(at + 1) : Number.NaN
}

function reject(command: Command, error: Error): void {
  const { onResult } = command
  if (onResult) {
    command.onResult = ignore
    onResult(error)
    return
  }
  if (command.listenerCount('error') > 0) command.emit('error', error)
  // Its stream has stopped listening; the error that a KILL brings must not be an unhandled one.
  command.on('error', ignore)
}

function ignore(): void {}

// Classes may have been renamed by a bundler, so commands are told by what they carry. The three that
// carry nothing are told by name; under another name they count as a change, which is safe.

function isPrepare(command: Command): boolean {
  return 'parameterDefinitions' in command
}

function awaitsPrepare(command: Command): boolean {
  return '_executeOptions' in command && command.statement === undefined
}

function isPing(command: Command): boolean {
  return command.constructor.name === 'Ping' || command.constructor.name === 'Quit'
}

function isReset(command: Command): boolean {
  return command.constructor.name === 'ResetConnection'
}

function closesStatement(command: Command): boolean {
  return command.constructor.name === 'CloseStatement'
}
