/** How the requests of one second went. */
export interface Second {
  /** Since the beginning. */
  readonly second: number
  readonly answered: number
  readonly failed: number
  readonly p50Ms: number | undefined
  readonly p99Ms: number | undefined
}

export interface Latency {
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

/** Counts answers and failures, by second and in all. Latencies are those of answers below 400. */
export class Tally {
  readonly failures: Map<string, number> = new Map()
  answered = 0
  failed = 0
  readonly #seconds: { failed: number; answered: number; latencies: number[] }[] = []

  answer(status: number, latencyMs: number, atMs: number): void {
    this.answered++
    const second = this.#at(atMs)
    second.answered++
    if (status < 400) second.latencies.push(latencyMs)
    else this.#fail(`status ${status}`, second)
  }

  fail(reason: string, atMs: number): void {
    this.#fail(reason, this.#at(atMs))
  }

  seconds(): Second[] {
    return this.#seconds.map(({ answered, failed, latencies }, second) => {
      const sorted = latencies.toSorted((a, b) => a - b)
      return {
        second,
        answered,
        failed,
        p50Ms: percentile(sorted, 0.5),
        p99Ms: percentile(sorted, 0.99),
      }
    })
  }

  /** Undefined where nobody was answered. */
  latency(): Latency | undefined {
    const sorted = Float64Array.from(this.#seconds.flatMap(({ latencies }) => latencies)).sort()
    const maxMs = sorted.at(-1)
    if (maxMs === undefined) return undefined
    const at = (share: number): number => percentile(sorted, share)!
    return { p50Ms: at(0.5), p90Ms: at(0.9), p99Ms: at(0.99), p999Ms: at(0.999), maxMs }
  }

  #fail(reason: string, second: { failed: number }): void {
    this.failed++
    second.failed++
    this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1)
  }

  #at(atMs: number): { failed: number; answered: number; latencies: number[] } {
    const second = Math.floor(atMs / 1000)
    while (this.#seconds.length <= second) {
      this.#seconds.push({ failed: 0, answered: 0, latencies: [] })
    }
    return this.#seconds[second]!
  }
}

/** The value that this share of all did not exceed. */
export function percentile(sorted: ArrayLike<number>, share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
}
