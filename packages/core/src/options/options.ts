import type { Connection, ConnectionOptions } from 'mysql2'
import type { Connection as PromiseConnection } from 'mysql2/promise'
import * as z from 'zod'

import { LifeguardError } from '../errors.ts'
import { SETTLE_MODES, type SettleMode } from '../session/settle-plan.ts'
import { LONGEST_TIMER_MS } from '../util/clock.ts'
import { DRIVER_OPTIONS, POOL_OPTIONS_OF_MYSQL2 } from './driver-options.ts'

export const HOLDS = ['request', 'transaction'] as const

/** How long a scope keeps its connection: from the first statement to its end, or per statement and transaction. */
export type Hold = (typeof HOLDS)[number]

/** The connection options of mysql2 that are not the pool's own business. */
type DriverOptions = Omit<
  ConnectionOptions,
  | 'password'
  | 'connectTimeout'
  | 'connectionLimit'
  | 'maxIdle'
  | 'idleTimeout'
  | 'queueLimit'
  | 'waitForConnections'
  | 'resetOnRelease'
  | 'gracefulEnd'
  | 'Promise'
>

/** All durations are milliseconds. Every connection option of mysql2 is passed on to it. */
export interface PoolOptions extends DriverOptions {
  /** In messages, stats and metrics. Default: `pool`. */
  name?: string
  /** Connections kept open. Default: 5, or `max` where that is less. */
  min?: number
  /** Connections at most. Default: 50. */
  max?: number
  /** For a whole acquire: waiting, connecting and checking. Default: 10 000. */
  acquireTimeout?: number
  /** Waiters at most; one more is refused with `ERR_QUEUE_FULL`. Default: no limit. */
  queueLimit?: number
  /** Idle connections at most; more than these are closed within a few seconds. Default: `max`. */
  maxIdle?: number
  /** An idle connection above `min` is closed after it. 0: never. Default: 60 000. */
  idleTimeout?: number
  /** A connection is replaced after it, up to 2.5 % earlier. 0: never. Default: 1 800 000. */
  maxLifetime?: number
  /** A connection is replaced after so many uses. 0: never. Default: 0. */
  maxUses?: number
  /** Idle connections are pinged so often. 0: never. Default: 30 000. */
  healthCheckInterval?: number
  /** A connection that was idle for longer is pinged before it is lent. Default: 500. */
  checkAfterIdle?: number
  /** For one such ping. Default: 2000. */
  checkTimeout?: number
  /** For one attempt to connect, set-up included. Default: 10 000. */
  connectTimeout?: number
  /** Connects under way at the same time, at most. Default: 32. */
  maxConnecting?: number
  /** `auto`: what a release does is as little as is safe. `always`: a reset after every use. Default: `auto`. */
  settle?: SettleMode
  /** For each step of it: ending a statement, rolling back, resetting. Default: 5000. */
  settleTimeout?: number
  /** A statement that runs for longer is killed. 0: no limit. Default: 0. */
  statementTimeout?: number
  /** Run on every new connection and after every reset; a connection where it fails is not used. */
  initSql?: string | readonly string[]
  /** As `initSql`, for what needs code. Awaited; a connection where it rejects is not used. */
  onConnect?: (connection: SetUpConnection) => void | Promise<void>
  /** Names of stored functions (`total_of` or `shop.total_of`) that leave the session as it is. */
  safeFunctions?: readonly string[]
  /** A lease that is held for longer is reported. 0: never. Default: 0. */
  leakThreshold?: number
  /** What scopes do unless they say otherwise. Default: `request`. */
  hold?: Hold
  /** False: the way back. Every lease opens its own connection and closes it. Default: true. */
  enabled?: boolean
  /** Or a function that is asked before every connect, for passwords that change. */
  password?: string | (() => string | Promise<string>)
}

/** What `onConnect` may do with a new connection. */
export interface SetUpConnection extends Pick<PromiseConnection, 'query' | 'execute'> {
  /** mysql2's connection (callback style), until `onConnect` is done. */
  readonly connection: Connection
}

export interface ResolvedPoolOptions {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly acquireTimeout: number
  readonly queueLimit: number | undefined
  readonly maxIdle: number
  readonly idleTimeout: number
  readonly maxLifetime: number
  readonly maxUses: number
  readonly healthCheckInterval: number
  readonly checkAfterIdle: number
  readonly checkTimeout: number
  readonly connectTimeout: number
  readonly maxConnecting: number
  readonly settle: SettleMode
  readonly settleTimeout: number
  readonly statementTimeout: number
  readonly initSql: readonly string[]
  readonly onConnect: ((connection: SetUpConnection) => void | Promise<void>) | undefined
  readonly safeFunctions: readonly string[]
  readonly leakThreshold: number
  readonly hold: Hold
  readonly enabled: boolean
  readonly password: string | (() => string | Promise<string>) | undefined
  readonly driver: ConnectionOptions
}

const DEFAULT_MAX = 50
export const ms: z.ZodNumber = z.number().min(0).max(LONGEST_TIMER_MS)
const count = z.int().min(0)
const fn = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', {
  error: 'expected a function',
})

const schema = z.strictObject({
  name: z.string().min(1).default('pool'),
  min: count.optional(),
  max: count.min(1).default(DEFAULT_MAX),
  acquireTimeout: ms.min(1).default(10_000),
  queueLimit: count.optional(),
  maxIdle: count.optional(),
  idleTimeout: ms.default(60_000),
  maxLifetime: ms.default(1_800_000),
  maxUses: count.default(0),
  healthCheckInterval: ms.default(30_000),
  checkAfterIdle: ms.default(500),
  checkTimeout: ms.min(1).default(2000),
  connectTimeout: ms.min(1).default(10_000),
  maxConnecting: count.min(1).default(32),
  settle: z.enum(SETTLE_MODES).default('auto'),
  settleTimeout: ms.min(1).default(5000),
  statementTimeout: ms.default(0),
  initSql: z.union([z.string(), z.array(z.string())]).default([]),
  onConnect: fn.optional(),
  safeFunctions: z.array(z.string().min(1)).default([]),
  leakThreshold: ms.default(0),
  hold: z.enum(HOLDS).default('request'),
  enabled: z.boolean().default(true),
  password: z.union([z.string(), fn]).optional(),
})

/** Whether mysql2 gets it, to make connections with. */
export function isDriverOption(name: string): boolean {
  return DRIVER_OPTIONS.has(name)
}

/** Whether `createPool` takes it. */
export function isPoolOption(name: string): boolean {
  return isDriverOption(name) || Object.hasOwn(schema.shape, name)
}

/** The database that connections begin in. What is given beside a URI wins, as in mysql2. */
export function databaseOf({ database, uri }: ConnectionOptions): string | undefined {
  // Who writes JavaScript may give anything; what is no text, mysql2 will refuse.
  if (typeof database === 'string') return database
  const path = uri === undefined ? '' : new URL(uri).pathname.slice(1)
  return path === '' ? undefined : decoded(path)
}

/** With a `%` that begins nothing, mysql2 will refuse it, and say so. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** Checks all options at once; throws `ERR_OPTIONS` with one line for each mistake. */
export function resolvePoolOptions(options: PoolOptions): ResolvedPoolOptions {
  const { driver, own } = split(options)
  const problems = [...driverProblems(driver), ...sizeProblems(options)]
  const parsed = schema.safeParse(own)
  if (!parsed.success) problems.push(...parsed.error.issues.map(describeIssue))
  if (problems.length > 0 || !parsed.success) {
    throw new LifeguardError('ERR_OPTIONS', `invalid pool options:\n  ${problems.join('\n  ')}`)
  }
  const { initSql, min, max, maxIdle = max, enabled } = parsed.data
  return Object.freeze({
    ...parsed.data,
    // Without pooling there is nothing to keep open.
    min: enabled ? (min ?? Math.min(5, maxIdle)) : 0,
    maxIdle,
    initSql: typeof initSql === 'string' ? [initSql] : initSql,
    driver,
  }) as unknown as ResolvedPoolOptions
}

/** An option that is undefined is an option that is not given. */
function split(options: PoolOptions): {
  driver: ConnectionOptions
  own: Record<string, unknown>
} {
  const driver: Record<string, unknown> = {}
  const own: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    const target = isDriverOption(name) ? driver : own
    target[name] = value
  }
  return { driver, own }
}

function driverProblems(driver: ConnectionOptions): string[] {
  const problems: string[] = []
  const { uri, port } = driver
  // What is wrong with a URI is told without the URI, which may hold a password.
  if (uri !== undefined && !(typeof uri === 'string' && URL.canParse(uri))) {
    problems.push('uri: expected mysql://user:password@host:port/database')
  }
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
    problems.push(`port: expected a number from 1 to 65535, got ${JSON.stringify(port)}`)
  }
  return problems
}

/** Told beside the other problems; zod compares only what has none. */
function sizeProblems({ min, max = DEFAULT_MAX, maxIdle = max }: PoolOptions): string[] {
  const problems: string[] = []
  if (min !== undefined && min > max) problems.push(`min: ${min} is more than max (${max})`)
  else if (min !== undefined && min > maxIdle) {
    problems.push(`min: ${min} is more than maxIdle (${maxIdle})`)
  }
  return problems
}

export function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(describeUnknown).join('\n  ')
  return `${issue.path.join('.')}: ${issue.message}`
}

function describeUnknown(name: string): string {
  const ours = POOL_OPTIONS_OF_MYSQL2.get(name)
  return ours ? `${name}: unknown option; here it is ${ours}` : `${name}: unknown option`
}

/** What is wrong with a duration that is given with a call; `Infinity` is a long time. */
export function durationError(name: string, value: number | undefined): LifeguardError | undefined {
  if (value === undefined || (typeof value === 'number' && value >= 0)) return undefined
  return new LifeguardError('ERR_OPTIONS', `${name}: expected milliseconds, 0 or more`)
}
