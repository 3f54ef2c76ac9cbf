import type { Logger, Pool } from '@lifeguard/core'

import type { WorkerLike } from './bullmq.ts'
import { holdsConnections } from './processors.ts'

const warned = new WeakSet<Pool>()

/** With `hold: 'request'` a job keeps its connection, so that more jobs than connections wait for one another. */
export function warnIfJobsOutnumberConnections(
  workers: readonly WorkerLike[],
  pool: Pool,
  logger: Logger | undefined,
): void {
  const holders = [...new Set(workers)].filter((worker) => holdsConnections(worker, pool))
  const jobs = holders.reduce((sum, { concurrency }) => sum + concurrency, 0)
  const { name, max } = pool.stats()
  if (jobs <= max || warned.has(pool)) return
  warned.add(pool)
  const sum = holders.map((worker) => `${worker.name}: ${worker.concurrency}`).join(', ')
  const message =
    `up to ${jobs} jobs at once (${sum}) share the ${max} connections of pool '${name}', and each keeps one while ` +
    `it runs: ${jobs - max} of them wait, and fail where that takes longer than the pool's acquireTimeout. Set max: ${jobs}, a ` +
    `concurrency of ${max} in all, or hold: 'transaction' where jobs do other things between their statements`
  if (logger) return logger.warn({ pool: name, max, jobs }, message)
  process.emitWarning(message, { type: 'LifeguardWarning', code: 'LIFEGUARD_POOL_TOO_SMALL' })
}
