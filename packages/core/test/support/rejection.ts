import type { LifeguardError } from '#core/errors.js'

/** The error that `work` rejects with; fails loudly where it does not. */
export async function rejection(work: Promise<unknown>): Promise<LifeguardError> {
  try {
    await work
  } catch (error) {
    return error as LifeguardError
  }
  throw new Error('expected a rejection')
}

/** What has become of a promise so far. */
export function watch<T>(work: Promise<T>): {
  state: 'pending' | 'resolved' | 'rejected'
  error?: Error
} {
  const seen: { state: 'pending' | 'resolved' | 'rejected'; error?: Error } = { state: 'pending' }
  work.then(
    () => {
      seen.state = 'resolved'
    },
    (error: unknown) => {
      seen.state = 'rejected'
      seen.error = error as Error
    },
  )
  return seen
}
