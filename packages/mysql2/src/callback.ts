/** How mysql2 calls back. */
export type Callback = (error: Error | null, ...results: unknown[]) => void

/**
 * Calls back with what a promise brings, outside of the promise: what a callback throws is an uncaught exception, not
 * an unhandled rejection. Without a callback, a failure is one, too.
 */
export function callBack(answer: Promise<readonly unknown[]>, callback: Callback = rethrow): void {
  answer.then(
    (results) => process.nextTick(callback, null, ...results),
    (error: Error) => process.nextTick(callback, error),
  )
}

function rethrow(error: Error | null): void {
  if (error) throw error
}
