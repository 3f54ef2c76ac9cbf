import type { Clock } from './clock.ts'

/** What `within` answers when time is up. */
export const TIMED_OUT: unique symbol = Symbol('timed out')

/**
 * Waits for `work` at most `ms` milliseconds. A rejection of `work` passes through; the work itself
 * goes on after a time-out, so its owner must end it.
 */
export function within<T>(
  clock: Clock,
  ms: number,
  work: Promise<T>,
): Promise<T | typeof TIMED_OUT> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(Math.max(0, ms), () => resolve(TIMED_OUT))
    work.then(
      (value) => {
        timer.cancel()
        resolve(value)
      },
      (error: unknown) => {
        timer.cancel()
        reject(error)
      },
    )
  })
}
