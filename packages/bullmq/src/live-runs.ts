import { LifeguardError, type Scope } from '@lifeguard/core'

import type { JobLike, WorkerLike } from './bullmq.ts'
import { isLockOurs } from './job-lock.ts'

/** One run of a job. Two of the same job can be live at once, after a stall: its id does not tell them apart. */
export interface Run {
  readonly job: JobLike
  readonly token: string | undefined
  readonly scope: Scope
}

/** The runs of one worker whose functions have not come back yet. */
export class LiveRuns {
  readonly #runs = new Set<Run>()
  readonly #whenNone: (() => void)[] = []

  /** The answer says that the run is over. */
  enter(run: Run): () => void {
    this.#runs.add(run)
    return () => this.#leave(run)
  }

  has(jobId: string): boolean {
    return [...this.#runs].some(({ job }) => job.id === jobId)
  }

  /** Resolves when none is live. */
  async finished(): Promise<void> {
    if (this.#runs.size === 0) return
    await new Promise<void>((resolve) => this.#whenNone.push(resolve))
  }

  /** Cuts the database off from the runs of these jobs that have lost their lock; tells which. */
  async endZombies(jobIds: readonly (string | undefined)[]): Promise<Run[]> {
    const suspects = [...this.#runs].filter(
      ({ job, scope }) => !scope.ended && jobIds.includes(job.id),
    )
    const zombies = await Promise.all(
      suspects.map(async (run) => ((await isZombie(run)) ? [run] : [])),
    )
    return zombies.flat()
  }

  /** Cuts the database off from all of them; tells from which. */
  async endAll(): Promise<Run[]> {
    const runs = [...this.#runs].filter(({ scope }) => !scope.ended)
    await Promise.all(runs.map((run) => run.scope.end(() => ended(run, 'its worker was closed'))))
    return runs
  }

  #leave(run: Run): void {
    this.#runs.delete(run)
    if (this.#runs.size > 0) return
    for (const resolve of this.#whenNone.splice(0)) resolve()
  }
}

const byWorker = new WeakMap<WorkerLike, LiveRuns>()

/** From the first call on, a lock that could not be renewed ends the scopes of those who ran under it. */
export function liveRunsOf(worker: WorkerLike): LiveRuns {
  const known = byWorker.get(worker)
  if (known) return known
  const runs = new LiveRuns()
  byWorker.set(worker, runs)
  worker.on('lockRenewalFailed', (jobIds) => void runs.endZombies(jobIds))
  return runs
}

/**
 * The event names a job, not a run: the one that lost its lock may have gone, and its successor be running.
 * So Redis is asked about each. While it does not answer nobody is ended; nothing is committed either.
 */
async function isZombie(run: Run): Promise<boolean> {
  const ours = await isLockOurs(run.job, run.token).catch(() => undefined)
  if (ours !== false || run.scope.ended) return false
  await run.scope.end(() => ended(run, 'its lock is lost, and another worker may run it'))
  return true
}

function ended({ job, scope }: Run, why: string): Error {
  return new LifeguardError(
    'ERR_SCOPE_ENDED',
    `job ${job.id} was cut off from the database: ${why} (${scope.label})`,
  )
}
