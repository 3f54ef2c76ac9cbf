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

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after: (delay, fn, keepAlive = false) => {
    const timer = setTimeout(fn, delay)
    if (!keepAlive) timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
}
