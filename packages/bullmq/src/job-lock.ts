import { type JobLike, lockDurationOf, renewLock } from './bullmq.ts'
import { within } from './within.ts'

/** Nobody waits longer for Redis, however long the lock lasts. */
const LONGEST_WAIT_MS = 5000

/**
 * Whether the job is still ours to run, by what Redis says now. Rejects where Redis does not answer in time:
 * the answer is as old as the question may be, so half of the lock's duration is kept for what follows.
 * A sandboxed job, and one that somebody runs by hand without a token, has no lock to ask for: undefined.
 */
export async function isLockOurs(
  job: JobLike,
  token: string | undefined,
): Promise<boolean | undefined> {
  const asking = token === undefined ? undefined : renewLock(job, token)
  if (!asking) return undefined
  return within(Math.min(lockDurationOf(job) / 2, LONGEST_WAIT_MS), asking)
}
