import { hostname } from 'node:os'

import type {
  HistogramSnapshot,
  LeaseSnapshot,
  PoolSettings,
  PoolSnapshot,
  PoolStats,
  ProcessReport,
} from '@lifeguard/core'

import type { Sighting } from '#monitor/find/sighting.js'
import type { ServerView } from '#monitor/server/server-view.js'
import type { ServerSight } from '#monitor/server/server-watch.js'
import { makeView, type View } from '#monitor/view/view.js'

const BOUNDS = [1, 10, 100, 1000, Infinity]

function aHistogram(...values: readonly number[]): HistogramSnapshot {
  const lowest = (i: number): number => (i === 0 ? -Infinity : BOUNDS[i - 1]!)
  return {
    buckets: BOUNDS.map((leMs, i) => ({
      leMs,
      count: values.filter((value) => value <= leMs && value > lowest(i)).length,
    })),
    count: values.length,
    sumMs: values.reduce((sum, value) => sum + value, 0),
    maxMs: Math.max(0, ...values),
  }
}

function someStats(stats: Partial<PoolStats> = {}): PoolStats {
  return {
    name: 'shop',
    idle: 0,
    inUse: 0,
    connecting: 0,
    busy: 0,
    total: 0,
    waiting: 0,
    max: 10,
    effectiveMax: 10,
    acquired: 1000,
    released: 1000,
    hits: 990,
    misses: 10,
    reuseRate: 0.99,
    timeouts: 0,
    refused: { ERR_QUEUE_FULL: 0, ERR_BREAKER_OPEN: 0, ERR_POOL_DEADLOCK: 0 },
    created: 10,
    connectFailures: 0,
    evicted: { 'idle timeout': 0 } as PoolStats['evicted'],
    rollbacks: 0,
    resets: 0,
    kills: 0,
    leaks: 0,
    wait: aHistogram(0.5, 5),
    use: aHistogram(5, 50),
    connect: aHistogram(20),
    ...stats,
  }
}

export function aLease(lease: Partial<LeaseSnapshot> = {}): LeaseSnapshot {
  return {
    label: 'GET /cart',
    threadId: 7,
    sinceMs: 1000,
    heldMs: 10,
    state: 'running',
    stateMs: 5,
    transactionMs: undefined,
    statement: 'SELECT ?',
    suspected: false,
    stack: undefined,
    ...lease,
  }
}

const SETTINGS: PoolSettings = {
  enabled: true,
  min: 5,
  max: 10,
  maxIdle: 10,
  acquireTimeout: 10_000,
  queueLimit: undefined,
  idleTimeout: 60_000,
  maxLifetime: 1_800_000,
  maxUses: 0,
  healthCheckInterval: 30_000,
  statementTimeout: 0,
  leakThreshold: 0,
  hold: 'request',
  settle: 'auto',
}

interface PoolParts extends Partial<Omit<PoolSnapshot, 'stats' | 'settings'>> {
  readonly stats?: Partial<PoolStats>
  readonly settings?: Partial<PoolSettings>
}

export function aPool({ stats, settings, ...rest }: PoolParts = {}): PoolSnapshot {
  const { leases = [], waiters = [] } = rest
  return {
    stats: someStats({ inUse: leases.length, waiting: waiters.length, ...stats }),
    phase: 'open',
    target: '10.0.0.1:3306',
    database: 'shop',
    settings: { ...SETTINGS, ...settings },
    trouble: undefined,
    refusal: undefined,
    threadIds: leases.map(({ threadId }) => threadId),
    ...rest,
    leases,
    waiters,
  }
}

export function aReport(
  pools: readonly PoolSnapshot[],
  pid = 4711,
  uptimeMs = 60_000,
): ProcessReport {
  return {
    version: 1,
    takenAt: '2030-01-01T00:00:00.000Z',
    process: {
      host: hostname(),
      pid,
      threadId: 0,
      script: '/srv/shop/server.js',
      node: '20.19.0',
      uptimeMs,
      rssBytes: 1e8,
      heapUsedBytes: 5e7,
    },
    pools,
  }
}

export function aServer(server: Partial<ServerView> = {}): ServerView {
  return {
    target: '10.0.0.1:3306',
    version: '10.11.6-MariaDB',
    threadId: 1,
    limits: { maxConnections: 151, maxUserConnections: 0, waitTimeoutMs: 28_800_000 },
    use: {
      threadsConnected: 11,
      threadsRunning: 1,
      maxUsedConnections: 20,
      abortedConnects: 0,
      refusedConnections: 0,
    },
    sessions: [],
    lockWaits: [],
    blind: [],
    ...server,
  }
}

/** A view of one process with these pools. */
export function aView(pools: readonly PoolSnapshot[], server?: ServerView): View {
  return viewOf(
    [{ source: '/tmp/lifeguard-0/4711-0-00c0ffee.sock', report: aReport(pools) }],
    server && { server },
  )
}

/** The pools of the address that `aServer` has are at the server. */
export function viewOf(sightings: readonly Sighting[], sight?: ServerSight): View {
  return makeView(Date.UTC(2030, 0, 1), sightings, sight, new Set(['10.0.0.1:3306']))
}
