import { LifeguardError } from '../errors.ts'
import { describeCounts, type PoolStats, type RefusalCode } from '../observe/stats.ts'

/** The error of a caller that is turned away before its time is up. */
export type Refusal = LifeguardError & { readonly code: RefusalCode }

/** The errors of an acquire. Each names the pool and the counts at that moment. */
export class Refusals {
  readonly #pool: string
  readonly #target: string
  readonly #stats: () => PoolStats

  constructor(pool: string, target: string, stats: () => PoolStats) {
    this.#pool = pool
    this.#target = target
    this.#stats = stats
  }

  timeout(waitedMs: number, cause: Error | undefined): LifeguardError {
    return new LifeguardError(
      'ERR_ACQUIRE_TIMEOUT',
      `${this.#pool}: no connection within ${waitedMs} ms (${this.#counts})`,
      cause ? { cause } : undefined,
    )
  }

  queueFull(): Refusal {
    return refuse('ERR_QUEUE_FULL', `${this.#pool}: as many wait already as may (${this.#counts})`)
  }

  breakerOpen(cause: Error): Refusal {
    return refuse(
      'ERR_BREAKER_OPEN',
      `${this.#pool}: ${this.#target} refuses connections, see the cause; it is asked again at least every second (${this.#counts})`,
      { cause },
    )
  }

  aborted(signal: AbortSignal, waitedMs: number): LifeguardError {
    return new LifeguardError(
      'ERR_ABORTED',
      `${this.#pool}: the acquire was aborted after ${Math.round(waitedMs)} ms (${this.#counts})`,
      { cause: signal.reason },
    )
  }

  deadlock(holders: Iterable<string>): Refusal {
    return refuse(
      'ERR_POOL_DEADLOCK',
      `${this.#pool}: every connection is held by a scope that waits for another one: ` +
        `${[...new Set(holders)].join(', ')}. Take one connection a scope, or raise max (${this.#counts})`,
    )
  }

  closing(): LifeguardError {
    return new LifeguardError(
      'ERR_POOL_CLOSING',
      `${this.#pool}: the pool is closing (${this.#counts})`,
    )
  }

  closed(): LifeguardError {
    return new LifeguardError('ERR_POOL_CLOSED', `${this.#pool}: the pool is closed`)
  }

  get #counts(): string {
    return describeCounts(this.#stats())
  }
}

function refuse(code: RefusalCode, message: string, options?: ErrorOptions): Refusal {
  return new LifeguardError(code, message, options) as Refusal
}
