import { EventEmitter } from 'node:events'

import { type Connection, type ConnectionOptions, raw } from 'mysql2'

import type { Guard } from '../connector.ts'
import { inContext, onceInContext } from './in-context.ts'
import { PromiseHandle } from './promise-handle.ts'
import { fatalErrorOf, unsentCommand, type Wire } from './wire.ts'

type Callback = (error: Error | null, ...rest: unknown[]) => void
type Method = (...args: unknown[]) => unknown
type Listener = Parameters<EventEmitter['on']>[1]

/** Settings for one statement. */
interface StatementLike {
  readonly sql: string
  readonly values?: unknown
}

/** What mysql2 makes of a statement, and takes in its place. */
type Command = EventEmitter & StatementLike & { onResult: Callback | undefined }

/** The connection's events, as far as a borrower may listen to them. */
const EVENTS: ReadonlySet<string | symbol> = new Set(['error', 'end', 'drain', 'warn'])

const configs = new WeakMap<Connection, Readonly<ConnectionOptions>>()

/**
 * mysql2's connection for what the lease does not wrap (streams, events, mysql2's own promise wrapper), which dies
 * with the lease. It denies by default: only the members that are written here exist, none gives the real connection
 * away, and listeners added through it are gone after the release.
 */
class GuardedConnection extends EventEmitter {
  readonly #core: Connection
  readonly #wire: Wire
  readonly #guard: Guard

  constructor(core: Connection, wire: Wire, guard: Guard) {
    super()
    this.#core = core
    this.#wire = wire
    this.#guard = guard
  }

  get threadId(): number {
    return this.#core.threadId
  }

  get authorized(): boolean {
    return this.#core.authorized
  }

  get state(): string {
    return this.#core.state
  }

  get fatalError(): unknown {
    return fatalErrorOf(this.#core)
  }

  get config(): Readonly<ConnectionOptions> {
    let config = configs.get(this.#core)
    if (!config) {
      config = copyOf(this.#core.config)
      configs.set(this.#core, config)
    }
    return config
  }

  query(...args: unknown[]): unknown {
    return this.#sendStatement('query', args)
  }

  execute(...args: unknown[]): unknown {
    return this.#sendStatement('execute', args)
  }

  beginTransaction(...args: unknown[]): unknown {
    return this.#send('beginTransaction', args)
  }

  commit(...args: unknown[]): unknown {
    return this.#send('commit', args)
  }

  rollback(...args: unknown[]): unknown {
    return this.#send('rollback', args)
  }

  changeUser(...args: unknown[]): unknown {
    return this.#send('changeUser', args)
  }

  reset(...args: unknown[]): unknown {
    return this.#send('reset', args)
  }

  /** It is connected already. */
  connect(callback?: Callback): void {
    if (callback) process.nextTick(callback, this.#guard.error() ?? null)
  }

  ping(...args: unknown[]): unknown {
    return this.#wire.sendTrusted(() => this.#send('ping', args))
  }

  /** A prepared statement of the borrower's, as dead after the release as the lease itself. */
  prepare(statement: string, callback?: Callback): unknown {
    const error = this.#guard.error()
    if (error) return refuse(error, [callback])
    const answer = inContext(callback)
    return this.#core.prepare(statement, (failure, prepared) => {
      if (failure) return answer?.(failure)
      answer?.(null, this.#prepared(statement, prepared as unknown as Record<string, unknown>))
    })
  }

  unprepare(statement: string): unknown {
    return this.#guard.error() ? undefined : this.#core.unprepare(statement)
  }

  pause(): void {
    if (!this.#guard.error()) this.#core.pause()
  }

  resume(): void {
    if (!this.#guard.error()) this.#core.resume()
  }

  escape(value: unknown): string {
    return this.#core.escape(value)
  }

  escapeId(value: string): string {
    return this.#core.escapeId(value)
  }

  format(...args: [string, unknown?]): string {
    return this.#core.format(...args)
  }

  raw(sql: string): unknown {
    return raw(sql)
  }

  promise(implementation?: PromiseConstructor): PromiseHandle {
    return new PromiseHandle(this as unknown as Connection, implementation)
  }

  release(): void {
    void this.#guard.release()
  }

  /** In mysql2, too, the end of a pooled connection is its release. */
  end(callback?: Callback): void {
    const answer = inContext(callback)
    void this.#guard.release().then(() => answer?.(null))
  }

  destroy(): void {
    this.#guard.destroy()
  }

  close(): void {
    this.#guard.destroy()
  }

  [Symbol.dispose](): void {
    void this.#guard.release()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#guard.release()
  }

  // `once` and its like go through these.
  override on(name: string | symbol, listener: Listener): this {
    this.#relay(name)
    return super.on(name, listener)
  }

  override addListener(name: string | symbol, listener: Listener): this {
    return this.on(name, listener)
  }

  override prependListener(name: string | symbol, listener: Listener): this {
    this.#relay(name)
    return super.prependListener(name, listener)
  }

  #relay(name: string | symbol): void {
    if (!EVENTS.has(name) || this.listenerCount(name) > 0 || this.#guard.error()) return
    const forward = (...args: unknown[]): void => {
      // A borrower who listens no more must not be the end of the process.
      if (this.listenerCount(name) > 0) this.emit(name, ...args)
    }
    this.#core.on(name as string, forward)
    this.#guard.onEnd(() => this.#core.off(name, forward))
  }

  /** Announces the statement's text without its values, so that the verdict on it can be remembered. */
  #sendStatement(name: 'query' | 'execute', args: unknown[]): unknown {
    const [statement] = args as [string | StatementLike | Command]
    if (isCommand(statement)) statement.onResult = onceInContext(statement.onResult)
    const bound = typeof args[1] === 'function' ? undefined : args[1]
    const [sql, values] =
      typeof statement === 'string'
        ? [statement, bound]
        : [statement.sql, bound ?? statement.values]
    const send = (): Command => this.#send(name, args) as Command
    return emitInContext(this.#wire.sendTemplate(sql, values, name === 'execute', send))
  }

  #send(name: keyof Connection, args: unknown[]): unknown {
    const error = this.#guard.error()
    if (error) return refuse(error, args)
    return (this.#core[name] as Method)(...args.map(onceInContext))
  }

  #prepared(statement: string, prepared: Record<string, unknown>): Record<string, unknown> {
    const { id, query, columns, parameters } = prepared
    return {
      id,
      query,
      columns,
      parameters,
      // Where mysql2's promise wrapper looks for the settings.
      _connection: this,
      execute: (...args: unknown[]) => {
        const late = this.#guard.error()
        return late ? refuse(late, args) : (prepared['execute'] as Method)(...args.map(inContext))
      },
      // mysql2's own close leaves it in the cache, for the next `execute` of that text to fail with.
      close: () => (this.#guard.error() ? undefined : this.#core.unprepare(statement)),
    }
  }
}

export function guardConnection(core: Connection, wire: Wire, guard: Guard): Connection {
  return new GuardedConnection(core, wire, guard) as unknown as Connection
}

/**
 * What the original says belongs to the connection, and would be the next borrower's, too. The password is there for
 * who asks for it, and not for who prints it.
 */
function copyOf(config: ConnectionOptions): Readonly<ConnectionOptions> {
  const copy = { ...config }
  Object.defineProperty(copy, 'password', { value: config.password, enumerable: false })
  return Object.freeze(copy)
}

/** For who listens to a command, or reads its stream, instead of calling back. */
function emitInContext(command: Command): Command {
  if (command.onResult) return command
  const emit = inContext(command.emit)
  let failed = false
  command.emit = function (this: Command, name: string, ...args: unknown[]) {
    // After mysql2's own time limit, the end of the statement would be a second one.
    if (name === 'error' && failed) return false
    failed ||= name === 'error'
    return emit.call(this, name, ...args)
  } as Command['emit']
  return command
}

/** Fails as mysql2 does: through the callback, or through an `error` of the returned command. */
function refuse(error: Error, args: unknown[]): Command {
  const callback = args.findLast((arg) => typeof arg === 'function')
  const command = isCommand(args[0]) ? args[0] : (unsentCommand(callback) as unknown as Command)
  process.nextTick(() => {
    if (command.onResult) command.onResult(error)
    else if (command.listenerCount('error') > 0) command.emit('error', error)
    command.emit('end')
  })
  return command
}

function isCommand(statement: unknown): statement is Command {
  return statement instanceof EventEmitter
}
