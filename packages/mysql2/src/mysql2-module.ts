import type { EventEmitter } from 'node:events'

import mysql2, { type ConnectionOptions, type Query, type QueryOptions } from 'mysql2'
import mysql2Promise, { type PoolConnection } from 'mysql2/promise'

import type { Callback } from './callback.ts'

/*
 * What mysql2 exports but does not declare, and the few inner names that its classes share with those that extend
 * them here. Nothing else of the package reaches behind mysql2's types.
 */

/** A statement that mysql2 sends; it calls back, or tells by events, or is read as a stream. */
export type Command = EventEmitter &
  Query & {
    values: QueryOptions['values']
    timeout: number
    onResult: Callback | undefined
    namedPlaceholders: boolean | undefined
  }

/** The settings of a pool of mysql2's, with those of its connections as it has worked them out. */
export interface PoolConfig {
  connectionConfig: Readonly<ConnectionOptions>
  waitForConnections: boolean
  connectionLimit: number
  maxIdle: number
  idleTimeout: number
  queueLimit: number
  resetOnRelease: boolean
}

/** One server of a cluster. */
interface ClusterNode {
  pool: EventEmitter & { getConnection(callback: Callback): void }
}

/** A part of a cluster: the pools whose names fit a pattern. */
export interface ClusterNamespace {
  readonly _pattern: unknown
  _getClusterNode(): ClusterNode | null
  getConnection(callback: Callback): void
  query(...args: unknown[]): unknown
  execute(...args: unknown[]): unknown
}

export interface PromiseNamespace {
  getConnection(): Promise<PoolConnection>
}

interface Undeclared {
  readonly Pool: new (options: { config: PoolConfig }) => EventEmitter & {
    config: PoolConfig
    _closed: boolean
    _allConnections: { readonly length: number }
    _freeConnections: { readonly length: number }
    _connectionQueue: { readonly length: number }
    end(): void
  }
  readonly PoolCluster: new (config: unknown) => EventEmitter & {
    _nodes: Record<string, ClusterNode>
    readonly _canRetry: boolean
    _findNodeIds(pattern: unknown): readonly string[]
    _increaseErrorCount(node: ClusterNode): void
    _decreaseErrorCount(node: ClusterNode): void
    add(...args: unknown[]): void
    of(pattern?: unknown, selector?: unknown): ClusterNamespace
    getConnection(...args: unknown[]): void
  }
  readonly ConnectionConfig: {
    new (options: ConnectionOptions): Readonly<ConnectionOptions>
    parseUrl(uri: string): ConnectionOptions
  }
  createQuery(sql: unknown, values: unknown, callback: unknown, config: object): Command
}

interface UndeclaredPromise {
  readonly PromisePool: new (
    pool: EventEmitter,
    implementation: PromiseConstructor | undefined,
  ) => EventEmitter & { Promise: PromiseConstructor }
  createPoolCluster(): object
}

type PromiseClusterBase = new (
  cluster: EventEmitter,
  implementation: PromiseConstructor | undefined,
) => EventEmitter & {
  readonly poolCluster: { getConnection(...args: unknown[]): void }
  Promise: PromiseConstructor
  of(pattern?: unknown, selector?: unknown): PromiseNamespace
}

const undeclared = mysql2 as unknown as Undeclared
const undeclaredPromise = mysql2Promise as unknown as UndeclaredPromise

export const BasePool: Undeclared['Pool'] = undeclared.Pool
export const BasePoolCluster: Undeclared['PoolCluster'] = undeclared.PoolCluster
export const BasePromisePool: UndeclaredPromise['PromisePool'] = undeclaredPromise.PromisePool
// The one class that mysql2 keeps to itself; an empty cluster opens nothing.
export const BasePromisePoolCluster: PromiseClusterBase = undeclaredPromise.createPoolCluster()
  .constructor as PromiseClusterBase
export const ConnectionConfig: Undeclared['ConnectionConfig'] = undeclared.ConnectionConfig

/** Takes what `query` takes: text or options, then values, then a callback, the last two if any. */
export function createCommand(
  [sql, values, callback]: readonly unknown[],
  config: Readonly<ConnectionOptions>,
): Command {
  const command = undeclared.createQuery(sql, values, callback, config)
  command.namedPlaceholders ??= config.namedPlaceholders
  return command
}
