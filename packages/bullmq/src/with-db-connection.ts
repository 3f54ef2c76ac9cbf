import type { Hold, Pool, Scope } from '@lifeguard/core'
import type { Job } from 'bullmq'

export interface WithDbConnectionOptions {
  /** Default: the pool's. */
  hold?: Hold
  /** A job is cut off from the database so many milliseconds after its first use of it. Default: no limit. */
  timeout?: number
}

/** What a job's function gets beside the job. */
export interface JobContext {
  /** This job's own stretch of database use; it takes a connection with its first statement. */
  readonly db: Scope
  readonly token: string | undefined
  /** Aborted when the job is cancelled, or its time is over. */
  readonly signal: AbortSignal
}

export type JobProcessor<J extends Job, R> = (job: J, context: JobContext) => R | Promise<R>

/**
 * Wraps the function of a worker: each run of a job gets a scope of its own, which is ended, rolled back
 * where it was not committed, before the job counts as completed or failed. Never by its events: for a
 * lost lock, a delayed or a removed job none comes.
 */
export function withDbConnection<J extends Job = Job, R = unknown>(
  pool: Pool,
  process: JobProcessor<J, R>,
  options: WithDbConnectionOptions = {},
): (job: J, token?: string, signal?: AbortSignal) => Promise<R> {
  const { hold, timeout } = options
  const run = async (
    job: J,
    token: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<R> => {
    const scope = pool.openScope({
      label: () => `${job.queueName} ${job.name}`,
      ...(hold && { hold }),
      ...(timeout !== undefined && { timeout }),
      ...(signal && { signal }),
    })
    try {
      return await scope.runDetached(async () =>
        process(job, { db: scope, token, signal: scope.signal }),
      )
    } finally {
      await scope.end()
    }
  }
  // Three plain parameters: BullMQ looks at their number, and passes no signal to a function with fewer.
  return (job: J, token?: string, signal?: AbortSignal) => run(job, token, signal)
}
