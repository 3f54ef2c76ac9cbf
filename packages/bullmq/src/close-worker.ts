import { disconnect, endRateLimitDelay, type WorkerLike } from './bullmq.ts'
import { liveRunsOf } from './live-runs.ts'
import { isOverWithin } from './within.ts'

export interface WorkerOutcome {
  readonly queue: string
  /**
   * `finished`: its jobs were done in time. `cancelled`: those that were not have heeded their signal.
   * `abandoned`: some have not; BullMQ runs them again when their locks are over.
   */
  readonly jobs: 'finished' | 'cancelled' | 'abandoned'
}

/** For jobs to heed their signals, and for each other step of the end, in milliseconds. */
export const GRACE_MS = 2000

/**
 * Closes a worker, with a deadline. BullMQ's `close()` waits for running jobs for ever, and once begun it
 * cannot be made a forced one any more: so it is `pause()` that waits for them.
 */
export async function closeWorker(worker: WorkerLike, deadline: number): Promise<WorkerOutcome> {
  const idle = worker.closing ?? pause(worker)
  const quiet = Promise.allSettled([idle, liveRunsOf(worker).finished()])
  const finished = await isOverWithin(deadline, quiet)
  if (!finished) worker.cancelAllJobs?.('the worker is closing')
  const heeded = finished || (await isOverWithin(GRACE_MS, quiet))
  // By force it may wait, too: for the job of a sandbox.
  await isOverWithin(GRACE_MS, worker.close(!heeded))
  if (!heeded) void idle.then(() => disconnect(worker)).catch(() => {})
  return { queue: worker.name, jobs: finished ? 'finished' : heeded ? 'cancelled' : 'abandoned' }
}

function pause(worker: WorkerLike): Promise<void> {
  const pausing = worker.pause()
  endRateLimitDelay(worker)
  return pausing
}
