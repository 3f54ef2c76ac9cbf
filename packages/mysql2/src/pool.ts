import {
  createPool as createNativePool,
  type Lease,
  type Pool as NativePool,
  warnOfThrown,
} from '@lifeguard/core'
import type { Connection, Pool as Mysql2Pool, Query } from 'mysql2'

import { callBack, type Callback } from './callback.ts'
import { carryOut, fail } from './carry-out.ts'
import { ConnectionEvent } from './connection-event.ts'
import { BasePool, type Command, createCommand } from './mysql2-module.ts'
import { type PoolOptions, translate } from './pool-options.ts'
import { PromisePool } from './promise-pool.ts'

/** mysql2's pool (callback style), over Lifeguard's. */
export interface Pool extends Mysql2Pool {
  /** The pool below, with scopes, transactions, stats and events of its own. */
  readonly lifeguard: NativePool
  promise(implementation?: PromiseConstructor): PromisePool
}

interface PoolConstructor {
  /** @throws LifeguardError `ERR_OPTIONS`, with one line for each mistake. */
  new (options: PoolOptions | string): Pool
}

/** What `Pool` is; mysql2's overloads are declared there, not here. */
export class LifeguardPool extends BasePool {
  readonly lifeguard: NativePool
  readonly #Promise: PromiseConstructor | undefined

  constructor(options: PoolOptions | string) {
    const { config, native, Promise: implementation } = translate(options)
    super({ config })
    this.#Promise = implementation
    const event = new ConnectionEvent((connection) => this.emit('connection', connection))
    this.lifeguard = createNativePool({
      ...native,
      onConnect: async (use) => {
        await native.onConnect?.(use)
        await event.setUp(use)
      },
    })
    this.#tellOfLeases()
    this.#showCounts()
  }

  getConnection(callback: Callback): void {
    if (typeof callback !== 'function') {
      throw new TypeError('getConnection needs a callback; pool.promise() has one that needs none')
    }
    callBack(
      this.lifeguard.acquire().then((lease) => [lease.connection]),
      callback,
    )
  }

  releaseConnection(connection: { release(): void }): void {
    connection.release()
  }

  query(...args: unknown[]): Query {
    const command = createCommand(args, this.config.connectionConfig)
    if (command.onResult) this.#answer(command, command.onResult)
    else this.#emit(command)
    return command
  }

  execute(statement: never, ...rest: unknown[]): void {
    const callback = rest.find((arg) => typeof arg === 'function') as Callback | undefined
    const [values] = rest.filter((arg) => typeof arg !== 'function')
    callBack(this.lifeguard.execute(statement, values), callback)
  }

  override end(callback?: Callback): void {
    this._closed = true
    callBack(
      this.lifeguard.end().then(() => []),
      callback,
    )
  }

  promise(implementation?: PromiseConstructor): PromisePool {
    return new PromisePool(this as unknown as Pool, implementation ?? this.#Promise)
  }

  #answer(command: Command, callback: Callback): void {
    if (this.lifeguard.start(command)) return
    callBack(this.lifeguard.query(command), callback)
  }

  /** For a command that is listened to, or read as a stream: its connection is back when it has ended. */
  #emit(command: Command): void {
    let sent = false
    const work = (connection: Connection): Promise<void> => {
      sent = true
      return carryOut(connection, command)
    }
    // Once it is sent, the command itself reports what goes wrong.
    this.lifeguard.withConnection(work).catch((error: Error) => {
      if (!sent) fail(command, error)
    })
  }

  /** mysql2's class sets a timer here that closes idle connections. */
  _removeIdleTimeoutConnections(): void {}

  /** The events cost something, so there are none before somebody listens. */
  #tellOfLeases(): void {
    const connections = new WeakMap<Lease, Connection>()
    const watcher = {
      acquired: (lease: Lease): void => {
        connections.set(lease, lease.connection)
        this.#tell('acquire', lease.connection)
      },
      released: (lease: Lease): void => {
        // One that was lent before anybody listened is told of neither.
        const connection = connections.get(lease)
        if (connection) this.#tell('release', connection)
      },
    }
    const enqueue = (): void => void this.emit('enqueue')
    this.on('newListener', (name) => {
      if (name === 'acquire' || name === 'release') this.lifeguard.watchLeases(watcher)
      if (name === 'enqueue') this.lifeguard.off('queued', enqueue).on('queued', enqueue)
    })
  }

  #tell(name: string, connection: Connection): void {
    try {
      this.emit(name, connection)
    } catch (error) {
      // It must break neither the pool nor whoever happens to release.
      warnOfThrown(`a listener of the pool's '${name}'`, error)
    }
  }

  /** For monitoring that reads the lengths of mysql2's private queues, since mysql2 has no counts to ask for. */
  #showCounts(): void {
    const { lifeguard } = this
    const lengths = {
      _allConnections: () => lifeguard.stats().total,
      _freeConnections: () => lifeguard.stats().idle,
      _connectionQueue: () => lifeguard.stats().waiting,
    }
    for (const [name, get] of Object.entries(lengths)) {
      const value = Object.defineProperty({}, 'length', { get })
      Object.defineProperty(this, name, { value, enumerable: false })
    }
  }
}

export const Pool: PoolConstructor = LifeguardPool as unknown as PoolConstructor
