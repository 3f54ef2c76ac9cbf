/** Upper bounds in milliseconds: from a hand-over in memory to the longest acquire time-out in use. */
export const HISTOGRAM_BOUNDS_MS: readonly number[] = [
  0.1, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000,
]

/** Counts per duration, as they were at one instant. */
export interface HistogramSnapshot {
  /** `count` values were at most `leMs` (and more than the bound before); the last bound is Infinity. */
  readonly buckets: readonly { readonly leMs: number; readonly count: number }[]
  readonly count: number
  readonly sumMs: number
  readonly maxMs: number
}

/** Durations in fixed buckets: recording one is a short loop and no allocation. */
export class Histogram {
  readonly #counts: number[] = Array.from({ length: HISTOGRAM_BOUNDS_MS.length + 1 }, () => 0)
  #count = 0
  #sum = 0
  #max = 0

  record(ms: number): void {
    let i = 0
    while (i < HISTOGRAM_BOUNDS_MS.length && ms > HISTOGRAM_BOUNDS_MS[i]!) i++
    this.#counts[i]!++
    this.#count++
    this.#sum += ms
    if (ms > this.#max) this.#max = ms
  }

  snapshot(): HistogramSnapshot {
    return {
      buckets: this.#counts.map((count, i) => ({
        leMs: HISTOGRAM_BOUNDS_MS[i] ?? Infinity,
        count,
      })),
      count: this.#count,
      sumMs: this.#sum,
      maxMs: this.#max,
    }
  }
}
