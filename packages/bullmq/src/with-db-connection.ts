import {
  checkScopeSettings,
  LifeguardError,
  type Pool,
  type Scope,
  type ScopeSettings,
} from '@lifeguard/core'
import type { Job } from 'bullmq'

import { type JobLike, workerOf } from './bullmq.ts'
import { isLockOurs } from './job-lock.ts'
import { liveRunsOf } from './live-runs.ts'
import { expectAll, isFunction, isPool } from './options.ts'
import { notePoolOf } from './processors.ts'

export interface WithDbConnectionOptions extends ScopeSettings {
  /**
   * A job is cut off from the database so many milliseconds after its first use of it. 0: no limit. Default: 0.
   */
  timeout?: number | undefined
  /**
   * The whole function is one transaction: COMMIT when it resolves and the job's lock is still ours, else
   * ROLLBACK. It takes its connection at the start. A sandboxed job cannot ask for its lock; there it is the
   * signal that prevents the COMMIT. Default: false.
   */
  transaction?: ScopeSettings['transaction']
}

/** What a job's function gets beside the job. */
export interface JobContext {
  /** This job's own stretch of database use; it takes a connection with its first statement. */
  readonly db: Scope
  readonly token: string | undefined
  /** Aborted when the job is cancelled, its lock is lost, its time is over, or its function is done. */
  readonly signal: AbortSignal
}

export type JobProcessor<J extends JobLike, R> = (job: J, context: JobContext) => R | Promise<R>

/** What BullMQ's `Worker` takes. */
export type WrappedProcessor<J extends JobLike, R> = (
  job: J,
  token?: string,
  signal?: AbortSignal,
) => Promise<R>

/**
 * Wraps the function of a worker: each run of a job gets a scope of its own, which is ended, rolled back
 * where it was not committed, before the job counts as completed or failed. Never by its events: for a
 * lost lock, a delayed or a removed job none comes.
 *
 * @throws LifeguardError `ERR_OPTIONS`, with one line for each mistake.
 */
export function withDbConnection<J extends JobLike = Job, R = unknown>(
  pool: Pool,
  fn: JobProcessor<J, R>,
  options: WithDbConnectionOptions = {},
): WrappedProcessor<J, R> {
  expectAll('withDbConnection', [isPool(pool), isFunction('fn', fn)])
  const { hold, timeout, transaction } = checkScopeSettings('withDbConnection', options)

  const run = async (
    job: J,
    token: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<R> => {
    const scope = pool.openScope({
      label: () => `${job.queueName} ${job.name}`,
      hold,
      timeout,
      signal,
    })
    const work = async (): Promise<R> =>
      refuseObservable(await fn(job, { db: scope, token, signal: scope.signal }))
    const worker = workerOf(job)
    const leave = worker && liveRunsOf(worker).enter({ job, token, scope })
    try {
      if (!transaction) return await scope.runDetached(work)
      const beforeCommit = (): Promise<void> => refuseLostLock(scope, job, token)
      return await scope.runDetached(() =>
        scope.runInTransaction(work, { ...transaction, beforeCommit }),
      )
    } finally {
      await scope.end().finally(leave)
    }
  }
  // Three plain parameters: BullMQ looks at their number, and passes no signal to a function with fewer.
  const processor = (job: J, token?: string, signal?: AbortSignal): Promise<R> =>
    run(job, token, signal)
  notePoolOf(processor, { pool, hold })
  return processor
}

/**
 * The last thing before COMMIT. Whoever has lost the lock has, or will have, a successor that does the same
 * work again. A job that was moved away by its own function (`moveToDelayed`) has given its lock away too.
 */
async function refuseLostLock(
  scope: Scope,
  job: JobLike,
  token: string | undefined,
): Promise<void> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new LifeguardError(
      'ERR_SCOPE_ENDED',
      `nothing of job ${job.id} was committed: ${why} (${scope.label})`,
      { cause },
    )
  }
  const ours = await isLockOurs(job, token).catch((error: unknown) =>
    refuse('whether its lock is still held could not be asked', error),
  )
  if (ours === false) refuse('its lock is lost, and another worker may run it')
}

/** WorkerPro would run it after the connection has gone. */
function refuseObservable<R>(result: R): R {
  const { subscribe } = (result ?? {}) as { subscribe?: unknown }
  if (typeof subscribe !== 'function') return result
  throw new LifeguardError(
    'ERR_OPTIONS',
    'withDbConnection: the function of a job must not answer an observable, which would run when its connection ' +
      'is gone; answer a promise, such as lastValueFrom(observable)',
  )
}
