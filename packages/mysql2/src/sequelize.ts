import { EventEmitter } from 'node:events'

import mysql2, { type Connection, type ConnectionOptions, type QueryOptions } from 'mysql2'

import type { Callback } from './callback.ts'
import type { Command } from './mysql2-module.ts'
import type { PoolOptions } from './pool-options.ts'
import { Pool } from './pool.ts'

/** What Sequelize takes besides where the database is, which is the pool's affair. */
export interface SequelizeOptions {
  /** An offset such as `+02:00`. Default: `+00:00`. */
  readonly timezone?: string
  readonly [name: string]: unknown
}

/** What is used of Sequelize 6. */
interface Sequelize {
  readonly connectionManager: object
}

interface ConnectionManager {
  readonly config: object
  pool: SequelizePool
  _connect(config: object): Promise<SequelizeConnection>
  _disconnect(connection: SequelizeConnection): Promise<unknown>
}

const UTC = '+00:00'

/**
 * Makes a Sequelize (6) over a pool of Lifeguard's. Sequelize brings a pool of its own, whose connections a scope
 * could not take back: this one takes its place. `sequelize.close()` ends it.
 *
 * @throws LifeguardError `ERR_OPTIONS`, with one line for each mistake in the pool's options.
 */
export function createSequelize<S extends Sequelize>(
  SequelizeClass: new (options: never) => S,
  poolOptions: PoolOptions,
  options: SequelizeOptions = {},
): { readonly sequelize: S; readonly pool: Pool } {
  const { timezone = UTC } = options
  const { initSql = [] } = poolOptions
  const pool = new Pool({
    // As Sequelize connects: an update that changes nothing affects no row.
    flags: ['-FOUND_ROWS'],
    ...poolOptions,
    // What Sequelize would send on every new connection.
    initSql: [`SET time_zone = '${timezone}'`, ...[initSql].flat()],
  })
  const sequelize = new SequelizeClass({
    ...options,
    timezone,
    dialect: 'mysql',
    dialectModule: {
      ...mysql2,
      createConnection: (config: ConnectionOptions) => new SequelizeConnection(pool, config),
    },
    keepDefaultTimezone: true,
  } as never)
  const manager = sequelize.connectionManager as ConnectionManager
  manager.pool = new SequelizePool(manager, pool)
  return { sequelize, pool }
}

/** What Sequelize's connection manager asks of its pool: a connection is connected for one use. */
class SequelizePool {
  readonly #manager: ConnectionManager
  readonly #pool: Pool

  constructor(manager: ConnectionManager, pool: Pool) {
    this.#manager = manager
    this.#pool = pool
  }

  acquire(): Promise<SequelizeConnection> {
    return this.#manager._connect(this.#manager.config)
  }

  release(connection: SequelizeConnection): void {
    void this.#manager._disconnect(connection)
  }

  /** Sequelize gives up a connection whose transaction could not be ended. */
  destroy(connection: SequelizeConnection): void {
    connection.destroy()
  }

  drain(): Promise<void> {
    return Promise.resolve()
  }

  async destroyAllNow(): Promise<void> {
    await this.#pool.lifeguard.end()
  }
}

/** A connection that looks new to Sequelize: it connects by being lent, and ends by being given back. */
class SequelizeConnection extends EventEmitter {
  readonly #typeCast: ConnectionOptions['typeCast']
  #lent: Connection | undefined

  constructor(pool: Pool, { typeCast }: ConnectionOptions) {
    super()
    this.#typeCast = typeCast
    pool.getConnection((error, connection) => {
      if (error) {
        this.emit('error', error)
        return
      }
      this.#lent = connection
      this.emit('connect')
    })
  }

  query({ sql }: { sql: string }, done: Callback): Command {
    return this.#lent!.query(this.#statement(sql), done as never) as unknown as Command
  }

  execute(sql: string, values: unknown[], done: Callback): Command {
    return this.#lent!.execute(
      this.#statement(sql),
      values as never,
      done as never,
    ) as unknown as Command
  }

  end(done: Callback): void {
    this.#lent!.end(done)
  }

  destroy(): void {
    this.#lent!.destroy()
  }

  /** Sequelize reads every type by itself. */
  #statement(sql: string): QueryOptions {
    return {
      sql,
      typeCast: this.#typeCast,
      supportBigNumbers: true,
      bigNumberStrings: false,
    } as QueryOptions
  }
}
