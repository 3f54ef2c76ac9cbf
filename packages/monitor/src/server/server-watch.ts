import { connect, type Socket } from 'node:net'

import { type Connection, createConnection } from 'mysql2'

import type { DatabaseAddress } from './database-address.ts'
import { lookAtServer } from './look.ts'
import type { ServerView } from './server-view.ts'

/** For connecting and for all answers together. */
const LOOK_WITHIN_MS = 3000

/** What became of a look at the server: what was seen, or why nothing was, in words. */
export type ServerSight =
  | { readonly server: ServerView; readonly problem?: undefined }
  | { readonly server?: undefined; readonly problem: string }

/** Looks at one server again and again over one connection, and takes a new one where that is lost. */
export class ServerWatch {
  readonly #address: DatabaseAddress
  #socket: Socket | undefined
  #connection: Connection | undefined

  constructor(address: DatabaseAddress) {
    this.#address = address
  }

  /** Never rejects, and never takes long: a server that hangs is told of as one that cannot be seen. */
  async look(): Promise<ServerSight> {
    const { target } = this.#address
    try {
      const connection = (this.#connection ??= this.#connect())
      const looking = lookAtServer(connection.promise(), target)
      return { server: await inTime(looking) }
    } catch (error) {
      this.close()
      return { problem: `${target}: ${describe(error as NodeJS.ErrnoException)}` }
    }
  }

  close(): void {
    // mysql2's own `destroy` waits for a server that may hang.
    this.#socket?.destroy()
    this.#connection = undefined
  }

  #connect(): Connection {
    const { endpoint, options } = this.#address
    const socket = connect(endpoint)
    this.#socket = socket
    const connection = createConnection({
      ...options,
      stream: () => socket,
      connectTimeout: LOOK_WITHIN_MS,
      connectAttributes: { program_name: 'lifeguard' },
    })
    // Its loss is told by the look that is under way, or the next one.
    connection.on('error', () => {})
    // InnoDB tells times in the system's zone; those that are compared with them must be so, too.
    connection.query("SET time_zone = 'SYSTEM'", () => {})
    return connection
  }
}

function inTime<T>(looking: Promise<T>): Promise<T> {
  const hangs = new Error(`no answer within ${LOOK_WITHIN_MS} ms`)
  let timer!: NodeJS.Timeout
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(Object.assign(hangs, { code: 'ETIMEDOUT' })), LOOK_WITHIN_MS)
  })
  return Promise.race([looking, late]).finally(() => clearTimeout(timer))
}

/** The driver's message may repeat what was sent, and from where; its code does not. */
function describe({ code }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ER_CON_COUNT_ERROR':
      return 'Too many connections, also for this command. One more is kept for users with SUPER or CONNECTION_ADMIN: connect as one of them'
    case 'ER_ACCESS_DENIED_ERROR':
      return 'the user or the password is wrong (ER_ACCESS_DENIED_ERROR)'
    case 'ETIMEDOUT':
      return `does not answer within ${LOOK_WITHIN_MS} ms`
    default:
      return code === undefined ? 'the connection was lost' : `cannot be reached (${code})`
  }
}
