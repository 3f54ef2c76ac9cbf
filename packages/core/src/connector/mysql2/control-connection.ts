import type { Connection } from 'mysql2'

import { codeOf } from '../../errors.ts'
import type { Clock, Timer } from '../../util/clock.ts'

/** How long it stays open for the next one. Kills come in bursts: a lost client, a time-out, a shutdown. */
const LINGER_MS = 5000

/** The pool's own connection for `KILL`, opened when it is needed and closed when it is not. */
export class ControlConnection {
  readonly #connect: (signal: AbortSignal) => Promise<Connection>
  readonly #clock: Clock
  readonly #closing = new AbortController()
  #connection: Promise<Connection> | undefined
  #running = 0
  #linger: Timer | undefined

  constructor(connect: (signal: AbortSignal) => Promise<Connection>, clock: Clock) {
    this.#connect = connect
    this.#clock = clock
  }

  async run(sql: string): Promise<void> {
    this.#linger?.cancel()
    this.#running++
    try {
      const connection = await this.#open()
      await new Promise<void>((resolve, reject) => {
        connection.query(sql, (error) => {
          // It ended by itself meanwhile: what was to be done is done.
          if (!error || codeOf(error) === 'ER_NO_SUCH_THREAD') resolve()
          else reject(error)
        })
      })
    } finally {
      this.#running--
      if (this.#running === 0) this.#linger = this.#clock.after(LINGER_MS, () => void this.#drop())
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the pool is closed'))
    this.#linger?.cancel()
    await this.#drop()
  }

  #open(): Promise<Connection> {
    this.#connection ??= this.#connect(this.#closing.signal).then(
      (connection) => {
        const forget = (): void => {
          if (this.#connection === opened) this.#connection = undefined
        }
        connection.on('error', forget)
        connection.on('end', forget)
        return connection
      },
      (error: unknown) => {
        this.#connection = undefined
        throw error
      },
    )
    const opened = this.#connection
    return opened
  }

  async #drop(): Promise<void> {
    const opened = this.#connection
    this.#connection = undefined
    const connection = await opened?.catch(() => undefined)
    connection?.end()
  }
}
