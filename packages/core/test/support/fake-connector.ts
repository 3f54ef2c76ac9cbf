import type { Connector } from '#core/connector/connector.js'
import type { Clock } from '#core/util/clock.js'

import { FakeSession, type Hang, type Server, sqlError } from './fake-session.ts'

/** A server that exists in the test only, and does what the test wants. */
export class FakeConnector implements Connector, Server {
  readonly target = 'db.test:3306'
  readonly clock: Clock
  readonly hangs = new Set<Hang>()
  readonly failures = new Map<string, string>()
  readOnly = false
  /** The code with which connects fail; undefined while the server is up. */
  down: string | undefined
  /** `max_connections` of the server. */
  capacity = Infinity
  connectMs = 0
  pingMs = 0
  closeMs = 0
  killMs = 0
  /** So many kills come before the server has begun with the statement. */
  earlyKills = 0
  /** Every session that was ever open, oldest first. */
  readonly sessions: FakeSession[] = []
  readonly kills: { readonly threadId: number; readonly what: 'query' | 'connection' }[] = []
  attempts = 0
  /** Connects under way. */
  connecting = 0
  mostConnecting = 0
  /** The most connections that the server has seen at one time, those under way included. */
  mostOpen = 0
  closed = false

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** The sessions that the server knows of. */
  get live(): FakeSession[] {
    return this.sessions.filter((session) => !session.closed)
  }

  get newest(): FakeSession {
    return this.sessions.at(-1)!
  }

  async open(signal: AbortSignal): Promise<FakeSession> {
    this.attempts++
    this.connecting++
    this.mostConnecting = Math.max(this.mostConnecting, this.connecting)
    this.mostOpen = Math.max(this.mostOpen, this.connecting + this.live.length)
    try {
      await this.#connect(signal)
    } finally {
      this.connecting--
    }
    const session = new FakeSession(this.sessions.length + 1, this)
    this.sessions.push(session)
    return session
  }

  async kill(threadId: number, what: 'query' | 'connection'): Promise<void> {
    this.kills.push({ threadId, what })
    if (this.hangs.has('kill')) return new Promise(() => {})
    if (this.killMs > 0) {
      await new Promise<void>((resolve) => this.clock.after(this.killMs, resolve))
    }
    if (this.earlyKills-- > 0) return
    const session = this.sessions[threadId - 1]!
    if (what === 'query') session.endStatements()
    else session.die()
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }

  async #connect(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
      if (this.hangs.has('connect')) return
      if (this.connectMs > 0) this.clock.after(this.connectMs, resolve)
      else queueMicrotask(resolve)
    })
    if (this.down !== undefined) throw sqlError(this.down)
    if (this.live.length >= this.capacity) throw sqlError('ER_CON_COUNT_ERROR')
  }
}
