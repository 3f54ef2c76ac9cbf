import type { PoolStats } from '@lifeguard/core'

import { quantile, since } from '../health/histogram.ts'
import { refusedCallers } from '../view/refused-callers.ts'
import type { PoolView, View } from '../view/view.ts'

/** The pools and the server at one moment of the load. */
export interface LoadSample {
  /** Since the beginning. */
  readonly atMs: number
  readonly total: number
  readonly inUse: number
  readonly waiting: number
  /** Connections that the server counts, whosever they are. */
  readonly threads: number | undefined
}

/** What all pools together did during the load. */
export interface PoolsResult {
  readonly pools: number
  readonly processes: number
  /** Connections at most, as set, of all that ran at the same time. */
  readonly max: number
  readonly peakTotal: number
  readonly peakInUse: number
  readonly peakWaiting: number
  readonly inUseBefore: number
  readonly inUseAfter: number
  /** Connections that were lent during the load and not given back after it. */
  readonly kept: number
  readonly acquired: number
  /** Of `acquired`, those for which a connection was there; 1 where there was none. */
  readonly reuseRate: number
  readonly created: number
  readonly timeouts: number
  /** Callers that were turned away before their time was up. */
  readonly refused: number
  readonly connectFailures: number
  readonly rollbacks: number
  readonly resets: number
  readonly kills: number
  readonly leaks: number
  /** The slowest of the pools. */
  readonly waitP95Ms: number | undefined
}

export interface ServerResult {
  readonly target: string
  readonly threadsBefore: number
  readonly threadsPeak: number
  readonly threadsAfter: number
  readonly maxConnections: number
  /** Connections that were refused, or broken while they were made. */
  readonly refused: number
  readonly aborted: number
}

type Counter =
  | 'acquired'
  | 'hits'
  | 'created'
  | 'timeouts'
  | 'connectFailures'
  | 'rollbacks'
  | 'resets'
  | 'kills'
  | 'leaks'

/** Remembers every pool as it was last seen, and all as they were before. */
export class PoolsWatch {
  readonly samples: LoadSample[] = []
  readonly #before: View
  #last: View
  readonly #pools = new Map<string, PoolView>()
  /** Those that came into sight later as they were then, where their past is not the load's. */
  readonly #found = new Map<string, PoolView>()
  #max = 0
  #endedAt = Infinity

  /** `before`: as it was when the load began. */
  constructor(before: View) {
    this.#before = before
    this.#last = before
    this.add(before, 0)
  }

  /** As it is now, so many milliseconds after the beginning. */
  add(view: View, atMs: number): void {
    this.#last = view
    for (const pool of view.pools) {
      // It was there before the load, and not seen.
      const isOlder = pool.process.uptimeMs > atMs
      if (isOlder && !this.#pools.has(pool.key)) this.#found.set(pool.key, pool)
      this.#pools.set(pool.key, pool)
    }
    const max = view.pools.reduce((total, { pool }) => total + pool.stats.max, 0)
    this.#max = Math.max(this.#max, max)
    const sum = (field: 'total' | 'inUse' | 'waiting'): number =>
      view.pools.reduce((total, { pool }) => total + pool.stats[field], 0)
    this.samples.push({
      atMs,
      total: sum('total'),
      inUse: sum('inUse'),
      waiting: sum('waiting'),
      threads: view.server?.use.threadsConnected,
    })
  }

  /** The load is over. */
  end(atMs: number): void {
    this.#endedAt = atMs
  }

  /** Leases of the time of the load that had not come back when last looked. Others may go on to use the pools. */
  get kept(): number {
    const endedMsAgo = this.samples.at(-1)!.atMs - this.#endedAt
    const before = new Set(keysOfLeases(this.#before))
    return this.#last.pools
      .flatMap(({ holders }) => holders)
      .filter(({ key, lease }) => lease.heldMs >= endedMsAgo && !before.has(key)).length
  }

  /** Processes that did not answer when last looked. */
  get silent(): number {
    return this.#last.silent.length
  }

  /** Undefined where no pool was seen. */
  pools(): PoolsResult | undefined {
    const pools = [...this.#pools.values()]
    if (pools.length === 0) return undefined
    const sum = (read: (stats: PoolStats) => number): number =>
      pools.reduce((total, pool) => total + this.#during(pool, read), 0)
    const count = (counter: Counter): number => sum((stats) => stats[counter])
    const acquired = count('acquired')
    const waits = pools.flatMap((pool) => this.#waitP95(pool) ?? [])
    return {
      pools: pools.length,
      processes: new Set(pools.map(({ source }) => source)).size,
      max: this.#max,
      peakTotal: this.#peak('total'),
      peakInUse: this.#peak('inUse'),
      peakWaiting: this.#peak('waiting'),
      inUseBefore: this.samples[0]!.inUse,
      inUseAfter: this.samples.at(-1)!.inUse,
      kept: this.kept,
      acquired,
      reuseRate: acquired === 0 ? 1 : count('hits') / acquired,
      created: count('created'),
      timeouts: count('timeouts'),
      refused: sum(refusedCallers),
      connectFailures: count('connectFailures'),
      rollbacks: count('rollbacks'),
      resets: count('resets'),
      kills: count('kills'),
      leaks: count('leaks'),
      waitP95Ms: waits.length === 0 ? undefined : Math.max(...waits),
    }
  }

  /** Undefined where the server was not looked at. */
  server(): ServerResult | undefined {
    const before = this.#before.server
    const after = this.#last.server
    if (!before || !after) return undefined
    return {
      target: after.target,
      threadsBefore: before.use.threadsConnected,
      threadsPeak: Math.max(...this.samples.map(({ threads = 0 }) => threads)),
      threadsAfter: after.use.threadsConnected,
      maxConnections: after.limits.maxConnections,
      refused: after.use.refusedConnections - before.use.refusedConnections,
      aborted: after.use.abortedConnects - before.use.abortedConnects,
    }
  }

  #peak(field: 'total' | 'inUse' | 'waiting'): number {
    return this.samples.reduce((most, sample) => Math.max(most, sample[field]), 0)
  }

  /** A pool that was made later has begun with nothing. */
  #during({ key, pool }: PoolView, read: (stats: PoolStats) => number): number {
    const before = this.#found.get(key)
    return read(pool.stats) - (before ? read(before.pool.stats) : 0)
  }

  #waitP95({ key, pool }: PoolView): number | undefined {
    return quantile(since(pool.stats.wait, this.#found.get(key)?.pool.stats.wait), 0.95)
  }
}

function keysOfLeases({ pools }: View): string[] {
  return pools.flatMap(({ holders }) => holders.map(({ key }) => key))
}
