import type { HistogramSnapshot } from '@lifeguard/core'

/**
 * The duration that a share of all (0 to 1) did not exceed, from the bucket in which it lies; undefined where nothing
 * was counted.
 */
export function quantile(histogram: HistogramSnapshot, share: number): number | undefined {
  const { buckets, count, maxMs } = histogram
  if (count === 0) return undefined
  let seen = 0
  for (const { leMs, count: inBucket } of buckets) {
    seen += inBucket
    if (seen >= share * count) return Math.min(leMs, maxMs)
  }
  return maxMs
}

/** What was counted from one look to the next; all of it where the pool has begun anew. */
export function since(
  now: HistogramSnapshot,
  before: HistogramSnapshot | undefined,
): HistogramSnapshot {
  if (!before || before.count > now.count) return now
  return {
    buckets: now.buckets.map(({ leMs, count }, i) => ({
      leMs,
      count: count - (before.buckets[i]?.count ?? 0),
    })),
    count: now.count - before.count,
    sumMs: now.sumMs - before.sumMs,
    maxMs: now.maxMs,
  }
}
