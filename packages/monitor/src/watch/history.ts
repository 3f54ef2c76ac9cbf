import type { PoolStats } from '@lifeguard/core'

import { quantile, since } from '../health/histogram.ts'
import type { PoolView, View } from '../view/view.ts'

/** What one pool did between two looks. */
export interface PoolSample {
  readonly inUse: number
  readonly waiting: number
  readonly acquiresPerSecond: number
  /** Of those that were served meanwhile; 0 where nobody was. */
  readonly waitP95Ms: number
  readonly timeouts: number
}

const KEPT = 240

/** The last looks at every pool, for the lines that show how it went. */
export class History {
  readonly #samples = new Map<string, PoolSample[]>()
  #before = new Map<string, { readonly stats: PoolStats; readonly takenAt: number }>()

  add({ pools, takenAt }: View): void {
    const now = new Map<string, { readonly stats: PoolStats; readonly takenAt: number }>()
    for (const { key, pool } of pools) {
      now.set(key, { stats: pool.stats, takenAt })
      const before = this.#before.get(key)
      if (before) this.#push(key, sampleOf(pool.stats, before.stats, takenAt - before.takenAt))
    }
    for (const key of this.#samples.keys()) if (!now.has(key)) this.#samples.delete(key)
    this.#before = now
  }

  of({ key }: PoolView): readonly PoolSample[] {
    return this.#samples.get(key) ?? []
  }

  #push(key: string, sample: PoolSample): void {
    const samples = this.#samples.get(key) ?? []
    samples.push(sample)
    if (samples.length > KEPT) samples.shift()
    this.#samples.set(key, samples)
  }
}

function sampleOf(now: PoolStats, before: PoolStats, ms: number): PoolSample {
  return {
    inUse: now.inUse,
    waiting: now.waiting,
    acquiresPerSecond: (Math.max(0, now.acquired - before.acquired) * 1000) / Math.max(1, ms),
    waitP95Ms: quantile(since(now.wait, before.wait), 0.95) ?? 0,
    timeouts: Math.max(0, now.timeouts - before.timeouts),
  }
}
