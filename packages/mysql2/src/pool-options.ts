import {
  isDriverOption,
  isPoolOption,
  LifeguardError,
  type PoolOptions as NativePoolOptions,
} from '@lifeguard/core'
import type { PoolOptions as Mysql2PoolOptions } from 'mysql2'

import { ConnectionConfig, type PoolConfig } from './mysql2-module.ts'

type OwnOptions = Omit<NativePoolOptions, keyof Mysql2PoolOptions | 'min'>

/**
 * mysql2's options with mysql2's meaning, and Lifeguard's beside them. What both have (`queueLimit`, `idleTimeout`,
 * `maxIdle`) means what it does in mysql2.
 */
export interface PoolOptions extends Omit<Mysql2PoolOptions, 'password'>, OwnOptions {
  /** Or a function that is asked before every connect, for passwords that change. */
  password?: NativePoolOptions['password']
  /** Connections kept open. Default: 0, since mysql2's pool opens none before the first use. */
  min?: number
  /** Default: `connectionLimit`. */
  max?: number
  /** Connections at most. 0: as many as the server gives. Default: 10. */
  connectionLimit?: number
}

/** The options for the pool below, and what mysql2 shows as `pool.config`. */
export interface Translation {
  readonly native: NativePoolOptions
  readonly config: PoolConfig
  readonly Promise: PromiseConstructor | undefined
}

const CONNECTION_LIMIT = 10
const IDLE_TIMEOUT_MS = 60_000
const LONGEST_TIMER_MS = 2 ** 31 - 1

// What only mysql2 knows. `gracefulEnd` has no effect: every connection is closed with a goodbye.
const MYSQL2_ONLY: ReadonlySet<string> = new Set([
  'connectionLimit',
  'gracefulEnd',
  'isServer',
  'pool',
  'Promise',
  'resetOnRelease',
  'waitForConnections',
])

/**
 * From mysql2's options, or a URI with mysql2's options, to Lifeguard's. A name that neither knows is ignored, with
 * mysql2's warning.
 *
 * @throws LifeguardError `ERR_OPTIONS` where `max` and `connectionLimit` contradict one another.
 */
export function translate(options: PoolOptions | string): Translation {
  const given = flatten(options)
  const { max, connectionLimit } = given
  if (max !== undefined && connectionLimit !== undefined && max !== connectionLimit) {
    throw new LifeguardError(
      'ERR_OPTIONS',
      'max and connectionLimit are one option; give one of them',
    )
  }
  const config = readConfig(given)
  return {
    config,
    native: toNative(given, config),
    Promise: given['Promise'] as PromiseConstructor | undefined,
  }
}

/** What is given beside a URI wins over what the URI says; null is an option that is not given. */
function flatten(options: PoolOptions | string): Record<string, unknown> {
  if (typeof options === 'string') return parseUri(options)
  const { uri, ...given } = options
  return {
    ...(uri ? parseUri(uri) : undefined),
    ...pick({ ...given }, isGiven),
  }
}

function parseUri(uri: string): Record<string, unknown> {
  // Told without the URI, which may hold a password; what `URL` throws has it.
  if (!URL.canParse(uri)) {
    throw new LifeguardError(
      'ERR_OPTIONS',
      'uri: expected mysql://user:password@host:port/database',
    )
  }
  return pick({ ...ConnectionConfig.parseUrl(uri) }, isGiven)
}

function readConfig(given: Record<string, unknown>): PoolConfig {
  const connectionLimit = numberOr(given['connectionLimit'] ?? given['max'], CONNECTION_LIMIT)
  const { password, connectTimeout } = given
  return {
    connectionConfig: new ConnectionConfig({
      // Unknown ones, too, for mysql2 to warn of them.
      ...pick(
        given,
        (name) => isDriverOption(name) || !(isPoolOption(name) || MYSQL2_ONLY.has(name)),
      ),
      ...(typeof password === 'string' ? { password } : undefined),
      ...(connectTimeout === undefined ? undefined : { connectTimeout: Number(connectTimeout) }),
    }),
    waitForConnections: Boolean(given['waitForConnections'] ?? true),
    connectionLimit,
    maxIdle: numberOr(given['maxIdle'], connectionLimit),
    idleTimeout: numberOr(given['idleTimeout'], IDLE_TIMEOUT_MS),
    queueLimit: numberOr(given['queueLimit'], 0),
    resetOnRelease: Boolean(given['resetOnRelease']),
  }
}

function toNative(given: Record<string, unknown>, config: PoolConfig): NativePoolOptions {
  const { connectionLimit, waitForConnections, queueLimit, resetOnRelease } = config
  const { min = 0, port, maxIdle, connectTimeout, settle } = given
  return {
    ...pick(given, isPoolOption),
    min,
    max: connectionLimit === 0 ? Number.MAX_SAFE_INTEGER : connectionLimit,
    maxIdle: maxIdle === undefined ? undefined : config.maxIdle,
    idleTimeout: config.idleTimeout,
    queueLimit: waitForConnections ? queueLimit || undefined : 0,
    settle: resetOnRelease ? 'always' : settle,
    port: numberOr(port, undefined),
    // There, 0 is no limit.
    connectTimeout:
      Number(connectTimeout) === 0 ? LONGEST_TIMER_MS : numberOr(connectTimeout, undefined),
  } as NativePoolOptions
}

/** An empty text from an environment variable, or an empty part of a URI, says nothing. */
function isGiven(_name: string, value: unknown): boolean {
  return value != null && value !== '' && !Number.isNaN(value)
}

/** mysql2 takes numbers from environment variables as they come: as text. */
function numberOr<D>(value: unknown, otherwise: D): number | D {
  return value === undefined || Number.isNaN(Number(value)) ? otherwise : Number(value)
}

function pick(
  from: Record<string, unknown>,
  wanted: (name: string, value: unknown) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(from).filter(([name, value]) => wanted(name, value)))
}
