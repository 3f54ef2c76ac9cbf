import { type Connection, createConnection } from 'mysql2/promise'

import type { DatabaseAddress } from './database-address.ts'
import { lookAtServer } from './look.ts'
import type { ServerView } from './server-view.ts'

const CONNECT_TIMEOUT_MS = 3000

/** Why the server could not be looked at, in words. */
export class ServerUnseen extends Error {}

/** Looks at one server again and again over one connection, and takes a new one where that is lost. */
export class ServerWatch {
  readonly #address: DatabaseAddress
  #connection: Connection | undefined

  constructor(address: DatabaseAddress) {
    this.#address = address
  }

  /** @throws ServerUnseen */
  async look(): Promise<ServerView> {
    const { target } = this.#address
    try {
      this.#connection ??= await this.#connect()
      return await lookAtServer(this.#connection, target)
    } catch (error) {
      this.close()
      throw new ServerUnseen(`${target}: ${describe(error as NodeJS.ErrnoException)}`)
    }
  }

  close(): void {
    this.#connection?.destroy()
    this.#connection = undefined
  }

  async #connect(): Promise<Connection> {
    const connection = await createConnection({
      ...this.#address.options,
      connectTimeout: CONNECT_TIMEOUT_MS,
      connectAttributes: { program_name: 'lifeguard' },
    })
    // Its loss is told by the next look.
    connection.on('error', () => {})
    return connection
  }
}

/** The driver's message may repeat what was sent, and from where; its code does not. */
function describe({ code }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ER_CON_COUNT_ERROR':
      return 'Too many connections, also for this command. One more is kept for users with SUPER or CONNECTION_ADMIN: connect as one of them'
    case 'ER_ACCESS_DENIED_ERROR':
      return 'the user or the password is wrong (ER_ACCESS_DENIED_ERROR)'
    default:
      return `cannot be reached (${code ?? 'unknown error'})`
  }
}
