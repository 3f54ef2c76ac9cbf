import { isMainThread } from 'node:worker_threads'

import { checkScopeSettings, createPool, type Pool, type PoolOptions } from '@lifeguard/core'
import type { SandboxedJob } from 'bullmq'

import type { JobLike } from './bullmq.ts'
import { expectAll, isFunction } from './options.ts'
import {
  type JobProcessor,
  withDbConnection,
  type WithDbConnectionOptions,
  type WrappedProcessor,
} from './with-db-connection.ts'

/**
 * As `withDbConnection`, for the default export of a processor file. Its process or thread gets a pool of its
 * own with the first job: `max` is 2 and `min` is 0 unless you say otherwise, since it runs one job at a time.
 *
 * @throws LifeguardError `ERR_OPTIONS`, with one line for each mistake.
 */
export function withSandboxedDbConnection<J extends JobLike = SandboxedJob, R = unknown>(
  poolOptions: PoolOptions,
  fn: JobProcessor<J, R>,
  options: WithDbConnectionOptions = {},
): WrappedProcessor<J, R> {
  expectAll('withSandboxedDbConnection', [isFunction('fn', fn)])
  checkScopeSettings('withSandboxedDbConnection', options)
  let processor: WrappedProcessor<J, R> | undefined
  return (job: J, token?: string, signal?: AbortSignal) => {
    processor ??= withDbConnection(openPool(poolOptions), fn, options)
    return processor(job, token, signal)
  }
}

function openPool(options: PoolOptions): Pool {
  const pool = createPool({ min: 0, max: 2, ...options })
  // A thread goes down with its process; a child is left behind, and open connections keep it alive.
  if (isMainThread && process.connected) process.once('disconnect', () => void endOrphan(pool))
  return pool
}

/** Nobody is there to hear of the job's end, and another worker will run it again: so it ends at once. */
async function endOrphan(pool: Pool): Promise<void> {
  await pool.end({ deadline: 0 })
}
