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
 * When the parent of such a process dies, its work is rolled back, its connections are closed and it exits.
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
  return async (job: J, token?: string, signal?: AbortSignal) => {
    processor ??= withDbConnection(openPool(poolOptions), fn, options)
    try {
      return await processor(job, token, signal)
    } finally {
      // There is nobody to tell: BullMQ's child would fail to, and then fail to tell of that, for ever.
      if (orphaned) await new Promise(() => {})
    }
  }
}

let orphaned = false

function openPool(options: PoolOptions): Pool {
  const pool = createPool({ min: 0, max: 2, ...options })
  // A thread goes down with its process; a child is left behind, and open connections keep it alive.
  if (isMainThread && process.connected) process.once('disconnect', () => void endOrphan(pool))
  return pool
}

/** Another worker will run its job again: so what it does is undone now, and the process with it. */
async function endOrphan(pool: Pool): Promise<void> {
  orphaned = true
  try {
    await pool.end({ deadline: 0 })
  } finally {
    process.exit(1)
  }
}
