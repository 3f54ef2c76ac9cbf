import {
  type Connection,
  createConnection,
  type FieldPacket,
  type QueryResult,
} from 'mysql2/promise'

import type { DataAccess, DataAccessOptions, Database, Queries } from './database.ts'

/** As it was: each request and job opens a connection, and nobody closes it. */
export function before({ uri }: DataAccessOptions): DataAccess {
  return {
    register: async () => {},
    forRequest: () => new LeakedConnection(uri),
    forJob: (work) => (job) => work(job, new LeakedConnection(uri)),
    reuseRate: () => 0,
  }
}

class LeakedConnection implements Database {
  readonly #uri: string
  #connection: Promise<Connection> | undefined

  constructor(uri: string) {
    this.#uri = uri
  }

  async query<T extends QueryResult>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<[T, FieldPacket[]]> {
    const connection = await this.#connected()
    return await connection.query<T>(sql, [...values])
  }

  /** Without a `finally`: when `work` throws, the transaction stays open, and so do its locks. */
  async transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T> {
    const connection = await this.#connected()
    await connection.beginTransaction()
    const result = await work(this)
    await connection.commit()
    return result
  }

  #connected(): Promise<Connection> {
    this.#connection ??= createConnection({ uri: this.#uri })
    return this.#connection
  }
}
