import { withDbConnection } from '@lifeguard/bullmq'
import type { Pool } from '@lifeguard/core'
import { lifeguard } from '@lifeguard/fastify'

import type { DataAccess, DataAccessOptions } from './database.ts'

/** Longer than the queue of 2000 clients takes, so that nobody is turned away. */
const ACQUIRE_TIMEOUT = 30_000

/** With Lifeguard: a request or job has a connection from its first statement until it is over. */
export function after({ uri, max }: DataAccessOptions): DataAccess {
  let pool: Pool
  return {
    register: async (app) => {
      await app.register(lifeguard, { uri, max, acquireTimeout: ACQUIRE_TIMEOUT })
      pool = app.db
    },
    forRequest: (request) => request.db,
    // Jobs wait for other services between their statements, and hold no connection meanwhile.
    forJob: (work) =>
      withDbConnection(pool, (job, { db }) => work(job, db), { hold: 'transaction' }),
    reuseRate: () => pool.stats().reuseRate,
  }
}
