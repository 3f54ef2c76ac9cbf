import type { ConnectFailure } from '../connector/failure.ts'

const BACKOFF_FIRST_MS = 20
/** Not longer, so that a server that is back is found within a second. */
const BACKOFF_MAX_MS = 1000
const FULL_FIRST_MS = 250
const FULL_MAX_MS = 5000

/** A connect that has failed. */
export interface FailedConnect {
  readonly kind: ConnectFailure
  readonly error: Error
  /** On the pool's clock. */
  readonly at: number
}

/**
 * What failed connects mean for the next ones, for all callers of a pool together. Pure: time and chance
 * come in.
 *
 * - unreachable: pause, twice as long each time, with jitter; then one probe.
 * - refused: the same pause, and as long as nothing else serves them, callers are told at once (breaker).
 * - full: the connections that we have are all that we get for a while; no failure.
 */
export class ConnectGate {
  readonly #random: () => number
  #failures = 0
  #blockedUntil = 0
  #refused: Error | undefined
  #fulls = 0
  #cap = Infinity
  #cappedUntil = 0
  #lastFailure: FailedConnect | undefined

  /** `random` answers a number from 0 up to 1. */
  constructor(random: () => number) {
    this.#random = random
  }

  /** The last one since a connect succeeded. */
  get lastFailure(): FailedConnect | undefined {
    return this.#lastFailure
  }

  /** The refusal that callers are told of at once, while it stands. */
  refusal(now: number): Error | undefined {
    return now < this.#blockedUntil ? this.#refused : undefined
  }

  /** How many connects may be under way now. */
  allowed(now: number): number {
    if (now < this.#blockedUntil) return 0
    return this.#failures > 0 || this.#fulls > 0 ? 1 : Infinity
  }

  /** When `allowed` or `limit` may answer more than now, or Infinity. */
  nextChange(now: number): number {
    const unblocked = this.#blockedUntil > now ? this.#blockedUntil : Infinity
    const uncapped = this.#cappedUntil > now ? this.#cappedUntil : Infinity
    return Math.min(unblocked, uncapped)
  }

  /** How many connections the pool may have now, given its own maximum. */
  limit(max: number, now: number): number {
    return now < this.#cappedUntil ? Math.min(max, this.#cap) : max
  }

  succeeded(): void {
    this.#failures = 0
    this.#fulls = 0
    this.#blockedUntil = 0
    this.#cappedUntil = 0
    this.#refused = undefined
    this.#lastFailure = undefined
  }

  /**
   * `open`: how many connections the pool has, without the one that failed. What fails during a pause was
   * begun before it: the same failure, seen by another connect.
   */
  failed(kind: ConnectFailure, error: Error, open: number, now: number): void {
    this.#lastFailure = { kind, error, at: now }
    if (kind === 'full') {
      this.#cap = open
      if (now < this.#cappedUntil) return
      this.#cappedUntil = now + this.#pause(FULL_FIRST_MS, this.#fulls++, FULL_MAX_MS)
      return
    }
    this.#refused = kind === 'refused' ? error : undefined
    if (now < this.#blockedUntil) return
    this.#blockedUntil = now + this.#pause(BACKOFF_FIRST_MS, this.#failures++, BACKOFF_MAX_MS)
  }

  #pause(first: number, times: number, max: number): number {
    const longest = Math.min(max, first * 2 ** Math.min(times, 20))
    return longest * (0.5 + this.#random() / 2)
  }
}
