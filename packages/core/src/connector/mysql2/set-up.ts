import type { Connection } from 'mysql2'
import type { QueryResult } from 'mysql2/promise'

import { LifeguardError } from '../../errors.ts'
import type { Answer, Guard, Session, Statement } from '../connector.ts'

/** What a session runs on every new connection and after every reset. */
export interface SetUp {
  readonly initSql: readonly string[]
  readonly onConnect: ((use: SetUpUse) => Promise<void>) | undefined
}

/** A session's use by `onConnect`: one object for the session's whole life, of use only while `onConnect` runs. */
export class SetUpUse {
  readonly #session: Session
  readonly #onEnd: (() => void)[] = []
  #connection: Connection | undefined
  #ended: Error | undefined

  constructor(session: Session) {
    this.#session = session
  }

  /** mysql2's connection (callback style), as dead as this use when it is over. */
  get connection(): Connection {
    this.#connection ??= this.#session.guarded(this.#guard())
    return this.#connection
  }

  async query<T extends QueryResult>(statement: Statement, values?: unknown): Promise<Answer<T>> {
    if (this.#ended) throw this.#ended
    return this.#session.query<T>(statement, values)
  }

  async execute<T extends QueryResult>(statement: Statement, values?: unknown): Promise<Answer<T>> {
    if (this.#ended) throw this.#ended
    return this.#session.execute<T>(statement, values)
  }

  async run(onConnect: SetUp['onConnect']): Promise<void> {
    this.#ended = undefined
    try {
      await onConnect?.(this)
    } finally {
      this.#end()
    }
  }

  #end(): void {
    this.#ended ??= new LifeguardError(
      'ERR_LEASE_RELEASED',
      'this connection is set up and may be lent by now; onConnect must await what it does',
    )
    this.#connection = undefined
    for (const listener of this.#onEnd.splice(0)) listener()
  }

  #guard(): Guard {
    let over: Error | undefined
    this.#onEnd.push(() => {
      over = this.#ended
    })
    return {
      error: () => over,
      release: () => Promise.resolve(this.#end()),
      destroy: () => this.#session.destroy(),
      onEnd: (listener) => void this.#onEnd.push(listener),
    }
  }
}
