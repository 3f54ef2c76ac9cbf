/** How often the queue is looked at while somebody waits, in milliseconds. */
export const GROWTH_TICK_MS = 10

/**
 * Decides how many connections to open at the same time. Pure: time and counts come in.
 *
 * A connect takes longer than most uses, so a short burst is over before a connection that was opened for
 * it is there; a lasting load needs them all, and soon. Which of the two it is shows in the queue. One
 * connect starts at once; whenever a tick ends and the queue does not shrink fast enough to be empty
 * before a connect would be done, the number of parallel connects doubles.
 */
export class Growth {
  readonly #maxParallel: number
  #parallel = 1
  #waitingAtTick = 0
  #connectMs: number | undefined

  constructor(maxParallel: number) {
    this.#maxParallel = maxParallel
  }

  /** How many connects to start now. `unmet`: waiters that no check under way will serve. */
  wanted(unmet: number, connecting: number, room: number): number {
    return Math.max(0, Math.min(unmet - connecting, this.#parallel - connecting, room))
  }

  /** Somebody waits and nobody did before. */
  begin(waiting: number): void {
    this.#parallel = 1
    this.#waitingAtTick = waiting
  }

  tick(waiting: number): void {
    const drained = this.#waitingAtTick - waiting
    this.#waitingAtTick = waiting
    if (this.#drainsInTime(waiting, drained)) return
    this.#parallel = Math.min(this.#maxParallel, this.#parallel * 2)
  }

  /** A connect is done. Where connects are quick, they set the pace instead of the ticks. */
  connected(ms: number, waiting: number): void {
    this.#connectMs = this.#connectMs === undefined ? ms : this.#connectMs * 0.8 + ms * 0.2
    if (waiting > 0 && waiting >= this.#waitingAtTick) {
      this.#parallel = Math.min(this.#maxParallel, this.#parallel + 1)
    }
  }

  #drainsInTime(waiting: number, drained: number): boolean {
    if (drained <= 0) return false
    if (this.#connectMs === undefined) return true
    return (waiting / drained) * GROWTH_TICK_MS < this.#connectMs
  }
}
