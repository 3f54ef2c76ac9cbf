/** The database server's side. Durations are milliseconds; the server counts in whole seconds. */
export interface ServerView {
  /** `host:port`. */
  readonly target: string
  readonly version: string
  /** Of the connection that looks. */
  readonly threadId: number
  readonly limits: ServerLimits
  readonly use: ServerUse
  readonly sessions: readonly ServerSession[]
  readonly lockWaits: readonly LockWait[]
  /** What could not be seen, and why. */
  readonly blind: readonly string[]
}

interface ServerLimits {
  readonly maxConnections: number
  /** For the user who looks; 0: no limit. */
  readonly maxUserConnections: number
  /** An idle connection is closed after it. */
  readonly waitTimeoutMs: number
}

interface ServerUse {
  readonly threadsConnected: number
  readonly threadsRunning: number
  /** At the same time, since the server has started. */
  readonly maxUsedConnections: number
  readonly abortedConnects: number
  /** Refused since the server has started, because `max_connections` was reached. */
  readonly refusedConnections: number
}

/** A line of the process list. */
export interface ServerSession {
  readonly threadId: number
  readonly user: string
  readonly host: string
  readonly database: string | undefined
  /** `Sleep`, `Query` and so on. */
  readonly command: string
  /** For how long it has been in that state. */
  readonly timeMs: number
  readonly state: string
  /** A digest. */
  readonly statement: string | undefined
}

export interface LockWait {
  readonly waitingThreadId: number
  readonly blockingThreadId: number
  readonly waitedMs: number
}
