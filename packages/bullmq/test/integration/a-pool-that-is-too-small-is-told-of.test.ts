import { once } from 'node:events'

import { releaseDbConnectionAfterJob, withDbConnection } from '@lifeguard/bullmq'
import t from 'tap'

import { MAJORS, openQueue } from '../support/bullmq-majors.ts'
import { openLedger } from '../support/ledger.ts'

// A worker of version 5 that is closed at once leaves the timer of its check behind.
const QUIET = { skipStalledCheck: true }

for (const [name, bullmq] of MAJORS) {
  void t.test(`in numbers, once, to the logger (${name})`, async (t) => {
    const { pool } = await openLedger(t, { max: 3 })
    const { work } = await openQueue(t, bullmq)
    const warnings: [object, string][] = []
    const logger = { warn: (...warning: [object, string]) => void warnings.push(warning) }
    const worker = work(
      withDbConnection(pool, () => {}),
      { concurrency: 5, ...QUIET },
    )
    releaseDbConnectionAfterJob(worker, pool, { logger })
    releaseDbConnectionAfterJob(worker, pool, { logger })
    t.equal(warnings.length, 1)
    t.match(warnings[0], [{ max: 3, jobs: 5 }, /Set max: 5/])
  })

  void t.test(`not where jobs hold nothing between transactions (${name})`, async (t) => {
    const { pool } = await openLedger(t, { max: 3 })
    const { work } = await openQueue(t, bullmq)
    const worker = work(
      withDbConnection(pool, () => {}, { hold: 'transaction' }),
      { concurrency: 5, ...QUIET },
    )
    releaseDbConnectionAfterJob(worker, pool, { logger: { warn: () => t.fail('it fits') } })
  })
}

void t.test('as a warning of the process where there is no logger', async (t) => {
  const { pool } = await openLedger(t, { max: 1 })
  const { work } = await openQueue(t, MAJORS[1][1])
  const warned = once(process, 'warning')
  const worker = work(
    withDbConnection(pool, () => {}),
    { concurrency: 2, ...QUIET },
  )
  releaseDbConnectionAfterJob(worker, pool)
  t.match(await warned, [{ code: 'LIFEGUARD_POOL_TOO_SMALL' }])
})
