import { performance } from 'node:perf_hooks'

/** A timer that can be taken back. */
export interface Timer {
  cancel(): void
}

/** Monotonic time and timers; the seam that tests replace. All values are milliseconds. */
export interface Clock {
  now(): number
  /** Runs `fn` once after `delay`. Keeps the process alive only where asked to. */
  after(delay: number, fn: () => void, keepAlive?: boolean): Timer
}

/** Node takes a longer time for none. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after: (delay, fn, keepAlive = false) => {
    let cancelled = false
    // A busy event loop runs timers before the sockets, in which the answer may lie that came in time. They go
    // first, so that a slow process is not taken for a dead server.
    const timer = setTimeout(
      () => {
        setImmediate(() => {
          if (!cancelled) fn()
        })
      },
      Math.min(delay, LONGEST_TIMER_MS),
    )
    if (!keepAlive) timer.unref()
    return {
      cancel: () => {
        cancelled = true
        clearTimeout(timer)
      },
    }
  },
}
