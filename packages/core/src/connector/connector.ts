import type { Connection } from 'mysql2'
import type { FieldPacket, QueryOptions, QueryResult } from 'mysql2/promise'

/** What a statement answers; the shape is that of mysql2/promise. */
export type Answer<T extends QueryResult = QueryResult> = [T, FieldPacket[]]

/** A statement's text, alone or with mysql2's options for one statement, or a command. */
export type Statement = string | QueryOptions | Command

/** What mysql2's `createQuery` makes of a statement that it is to call back for. */
export interface Command {
  readonly sql: string
  readonly values?: QueryOptions['values']
  timeout?: number
  onResult: ((error: Error | null, ...results: unknown[]) => void) | undefined
}

export function isCommand(statement: Statement): statement is Command {
  return typeof statement === 'object' && 'onResult' in statement
}

/** What a session tells about itself at the end of a use. Whatever is not known for sure counts as dirty. */
export interface SessionReport {
  /** The socket is gone, or the protocol is beyond repair. */
  readonly dead: boolean
  /** A statement is still running, queued, or its rows are still being read. */
  readonly busy: boolean
  /** From the status flags of the last answer; an error answer carries none. */
  readonly transaction: 'none' | 'open' | 'unknown'
  /** `autocommit` is not what it was at the start. */
  readonly autocommitChanged: boolean
  /** Session state other than the transaction was changed, or may have been. */
  readonly changed: boolean
  /** Changed in a way that no reset takes back, such as another user. */
  readonly beyondReset: boolean
}

/** What a session does, for who looks in from outside. Times are those of the pool's clock. */
export interface Activity {
  /**
   * The text of what runs, or ran last, with its placeholders; of a long one, the beginning. It may hold literals that
   * the caller wrote into it, so only its digest may be shown. Undefined for what has no text, such as a ping.
   */
  readonly statement: string | undefined
  readonly startedAt: number
  /** Undefined while it runs. */
  readonly endedAt: number | undefined
  /** Since when a transaction is open, as far as the server's answers have told. */
  readonly transactionSince: number | undefined
}

/** One connection of the driver with what the pool needs of it. The pool's `Slot` owns it. */
export interface Session {
  /** The server's id of this connection, the one in the process list. */
  readonly threadId: number
  /** The socket is gone, or the protocol is beyond repair. */
  readonly dead: boolean
  /** `report()` would find nothing to settle. Asked at every release, so it is cheap. */
  readonly clean: boolean
  report(): SessionReport
  activity(): Activity
  query<T extends QueryResult>(statement: Statement, values?: unknown): Promise<Answer<T>>
  execute<T extends QueryResult>(statement: Statement, values?: unknown): Promise<Answer<T>>
  /** Sends a command, which calls back in the caller's async context. */
  start(command: Command): void
  /** Runs statements of the pool's own in one round trip; the pool answers for what they do. */
  control(...statements: readonly string[]): Promise<void>
  /** From now on the session counts as changed, whatever is seen. */
  markChanged(): void
  ping(): Promise<void>
  /** Back to the session as it was after connecting: one round trip. */
  reset(): Promise<void>
  /** After an error that hints at it: asks whether the server has turned read-only since connecting. */
  becameReadOnly(): Promise<boolean>
  /** A handle on the driver's connection that `guard.error()` makes useless. */
  guarded(guard: Guard): Connection
  /** Rejects whatever runs or waits on this connection, without waiting for the server. */
  abandon(error: Error): void
  /** Resolves when nothing runs any more, or the connection is dead. */
  settled(): Promise<void>
  /** Says goodbye to the server, then closes the socket. */
  close(): Promise<void>
  /** Closes the socket at once. A running statement goes on at the server: `Connector.kill` first. */
  destroy(): void
  /** Called at most once, when the connection dies by itself. */
  onDeath(listener: (cause: Error) => void): void
}

/** What a guarded handle asks of the lease that gave it out. */
export interface Guard {
  /** The reason why the handle is dead, or undefined while it lives. */
  error(): Error | undefined
  release(): Promise<void>
  /** Calls back when the handle dies. */
  onEnd(listener: () => void): void
  /** Ends the lease and throws the connection away. */
  destroy(): void
}

/** Opens sessions to one server and ends what runs there. Knows one driver. */
export interface Connector {
  /** Where it connects to, without secrets: `host:port` or a socket path. */
  readonly target: string
  /** Opens, sets up and verifies one session. The signal ends the attempt. */
  open(signal: AbortSignal): Promise<Session>
  /** Ends the statement that runs on a connection (`query`), or the connection itself. */
  kill(threadId: number, what: 'query' | 'connection'): Promise<void>
  /** Closes what `kill` keeps open. */
  close(): Promise<void>
}
