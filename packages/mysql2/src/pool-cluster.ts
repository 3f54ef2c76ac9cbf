import { isLifeguardError } from '@lifeguard/core'
import type { Connection, PoolCluster as Mysql2PoolCluster, PoolClusterOptions } from 'mysql2'
import type { PoolCluster as Mysql2PromisePoolCluster } from 'mysql2/promise'

import { callBack, type Callback } from './callback.ts'
import { carryOut, fail } from './carry-out.ts'
import { ClusterNodePool } from './cluster-node-pool.ts'
import {
  BasePoolCluster,
  BasePromisePoolCluster,
  type ClusterNamespace,
  type Command,
  createCommand,
  type PromiseNamespace,
} from './mysql2-module.ts'
import type { PoolOptions } from './pool-options.ts'

/** mysql2's cluster, whose pools are Lifeguard's. */
class LifeguardPoolCluster extends BasePoolCluster {
  readonly #namespaces = new WeakSet<ClusterNamespace>()

  override add(...args: [string, PoolOptions | string] | [PoolOptions]): void {
    // First, since it may throw.
    const pool = new ClusterNodePool(args.at(-1) as PoolOptions | string)
    // mysql2 makes a pool of its own, which opens nothing and is let go.
    super.add(...args.slice(0, -1), {})
    const added = Object.values(this._nodes).find((node) => !(node.pool instanceof ClusterNodePool))
    if (added) added.pool = pool
    // There was one of that name.
    else pool.end()
  }

  override of(pattern?: unknown, selector?: unknown): ClusterNamespace {
    const namespace = super.of(pattern, selector)
    // mysql2 keeps its namespaces.
    if (this.#namespaces.has(namespace)) return namespace
    this.#namespaces.add(namespace)
    const original = namespace.getConnection.bind(namespace)
    namespace.getConnection = (callback) => this.#getConnection(namespace, original, callback)
    // mysql2's own do not give the connection back when it is lost meanwhile.
    namespace.query = (...args) => query(namespace, args)
    namespace.execute = (statement, ...rest) => execute(namespace, statement, rest)
    return namespace
  }

  /** As mysql2's, but a pool that is busy, or a scope that has ended, says nothing against the server. */
  #getConnection(
    namespace: ClusterNamespace,
    original: ClusterNamespace['getConnection'],
    callback: Callback,
  ): void {
    const node = namespace._getClusterNode()
    // mysql2 tells why.
    if (!node) return original(callback)
    node.pool.getConnection((error, connection) => {
      if (!error) {
        this._decreaseErrorCount(node)
        return callback(null, connection)
      }
      if (isLifeguardError(error) && error.code !== 'ERR_BREAKER_OPEN') return callback(error)
      this._increaseErrorCount(node)
      const others = this._canRetry ? this._findNodeIds(namespace._pattern) : []
      if (others.length === 0) return callback(error)
      this.emit('warn', error)
      namespace.getConnection(callback)
    })
  }
}

function query(namespace: ClusterNamespace, args: readonly unknown[]): Command {
  const command = createCommand(args, {})
  lend(namespace).then(
    (connection) => sendOver(connection, command),
    (error: Error) => fail(command, error),
  )
  return command
}

async function sendOver(connection: Lent, command: Command): Promise<void> {
  try {
    await carryOut(connection, command)
  } catch {
    // The command has reported it.
  } finally {
    connection.release()
  }
}

function execute(namespace: ClusterNamespace, statement: unknown, rest: readonly unknown[]): void {
  const callback = rest.find((arg) => typeof arg === 'function') as Callback | undefined
  const values = rest.find((arg) => typeof arg !== 'function')
  const work = async (connection: Lent): Promise<readonly unknown[]> => {
    try {
      return await connection.promise().execute(statement as never, values as never)
    } finally {
      connection.release()
    }
  }
  callBack(lend(namespace).then(work), callback)
}

class LifeguardPromisePoolCluster extends BasePromisePoolCluster {
  getConnection(...where: unknown[]): Promise<unknown> {
    return new this.Promise((resolve, reject) => {
      const done = (error: Error | null, connection: unknown): void => {
        if (error) reject(error)
        else resolve((connection as Lent).promise(this.Promise))
      }
      this.poolCluster.getConnection(...where, done)
    })
  }

  override of(...where: [pattern?: unknown, selector?: unknown]): PromiseNamespace {
    const namespace = super.of(...where)
    namespace.getConnection = () => this.getConnection(...where) as never
    return namespace
  }
}

type Lent = Connection & { release(): void }

function lend(namespace: ClusterNamespace): Promise<Lent> {
  return new Promise((resolve, reject) => {
    namespace.getConnection((error, connection) => {
      if (error) reject(error)
      else resolve(connection as Lent)
    })
  })
}

export function createPoolCluster(config?: PoolClusterOptions): Mysql2PoolCluster {
  return new LifeguardPoolCluster(config) as unknown as Mysql2PoolCluster
}

export function createPromisePoolCluster(
  config?: PoolClusterOptions & { Promise?: PromiseConstructor },
): Mysql2PromisePoolCluster {
  const cluster = new LifeguardPromisePoolCluster(new LifeguardPoolCluster(config), config?.Promise)
  return cluster as unknown as Mysql2PromisePoolCluster
}

export const PoolCluster: new (config?: PoolClusterOptions) => Mysql2PoolCluster =
  LifeguardPoolCluster as never
