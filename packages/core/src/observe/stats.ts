import type { Inventory } from '../pool/inventory.ts'
import { EVICT_REASONS, type EvictReason } from '../pool/slot.ts'
import { Histogram, type HistogramSnapshot } from './histogram.ts'

const REFUSAL_CODES = ['ERR_QUEUE_FULL', 'ERR_BREAKER_OPEN', 'ERR_POOL_DEADLOCK'] as const

/** Why a caller is turned away before its time is up. Not who leaves, nor who comes when the pool is closing. */
export type RefusalCode = (typeof REFUSAL_CODES)[number]

/** The pool's counts at one instant. Durations are milliseconds. */
export interface PoolStats {
  readonly name: string
  readonly idle: number
  readonly inUse: number
  readonly connecting: number
  /** Being checked, settled or closed: neither free nor lent. */
  readonly busy: number
  /** Every connection that the server may count, opening and closing ones included. */
  readonly total: number
  readonly waiting: number
  readonly max: number
  /** Lower than `max` for a while after the server said that it is full. */
  readonly effectiveMax: number
  /** `acquired` is always `released + inUse`. */
  readonly acquired: number
  readonly released: number
  /** Acquires served by a connection that had been there before. */
  readonly hits: number
  readonly misses: number
  /** `hits / acquired`, 1 before the first acquire. */
  readonly reuseRate: number
  readonly timeouts: number
  /** Callers that were turned away before their time was up, by the error's code. */
  readonly refused: Readonly<Record<RefusalCode, number>>
  readonly created: number
  readonly connectFailures: number
  readonly evicted: Readonly<Record<EvictReason, number>>
  readonly rollbacks: number
  readonly resets: number
  readonly kills: number
  readonly leaks: number
  readonly wait: HistogramSnapshot
  readonly use: HistogramSnapshot
  readonly connect: HistogramSnapshot
}

/** What only ever grows. */
export class Counters {
  acquired = 0
  released = 0
  hits = 0
  timeouts = 0
  created = 0
  connectFailures = 0
  rollbacks = 0
  resets = 0
  kills = 0
  leaks = 0
  readonly refused: Record<RefusalCode, number> = zeros(REFUSAL_CODES)
  readonly evicted: Record<EvictReason, number> = zeros(EVICT_REASONS)
  readonly wait: Histogram = new Histogram()
  readonly use: Histogram = new Histogram()
  readonly connect: Histogram = new Histogram()
}

function zeros<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>
}

export function readStats(
  name: string,
  inventory: Inventory,
  counters: Counters,
  queue: Pick<PoolStats, 'waiting' | 'max' | 'effectiveMax'>,
): PoolStats {
  const { acquired, hits } = counters
  return {
    name,
    idle: inventory.count('idle'),
    inUse: inventory.count('inUse'),
    connecting: inventory.count('connecting'),
    busy: inventory.count('checking') + inventory.count('settling') + inventory.count('closing'),
    total: inventory.total,
    ...queue,
    acquired,
    released: counters.released,
    hits,
    misses: acquired - hits,
    reuseRate: acquired === 0 ? 1 : hits / acquired,
    timeouts: counters.timeouts,
    refused: { ...counters.refused },
    created: counters.created,
    connectFailures: counters.connectFailures,
    evicted: { ...counters.evicted },
    rollbacks: counters.rollbacks,
    resets: counters.resets,
    kills: counters.kills,
    leaks: counters.leaks,
    wait: counters.wait.snapshot(),
    use: counters.use.snapshot(),
    connect: counters.connect.snapshot(),
  }
}

/** The counts that an operator needs at the end of an error message. */
export function describeCounts(stats: {
  readonly total: number
  readonly effectiveMax: number
  readonly inUse: number
  readonly idle: number
  readonly connecting: number
  readonly waiting: number
}): string {
  const { total, effectiveMax, inUse, idle, connecting, waiting } = stats
  return `total=${total}/${effectiveMax}, inUse=${inUse}, idle=${idle}, connecting=${connecting}, waiting=${waiting}`
}
