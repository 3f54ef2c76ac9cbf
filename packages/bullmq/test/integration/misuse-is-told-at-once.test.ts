import { releaseDbConnectionAfterJob, withDbConnection } from '@lifeguard/bullmq'
import t from 'tap'

import { MAJORS, openQueue } from '../support/bullmq-majors.ts'
import { openLedger } from '../support/ledger.ts'

void t.test('every mistake of a call is named when it is made', async (t) => {
  const { pool } = await openLedger(t)
  t.throws(() => withDbConnection({} as never, 'x' as never), {
    code: 'ERR_OPTIONS',
    message: /pool: [^]*fn: /,
  })
  t.throws(() => withDbConnection(pool, () => {}, { timeOut: 1, hold: 'no' } as never), {
    code: 'ERR_OPTIONS',
    message: /withDbConnection:[^]*hold: [^]*timeOut: unknown option/,
  })
  t.throws(() => releaseDbConnectionAfterJob([], pool), { code: 'ERR_OPTIONS', message: /workers/ })
})

void t.test('an observable is refused', async (t) => {
  const { pool } = await openLedger(t)
  const processor = withDbConnection(pool, () => ({ subscribe: () => {} }))
  await t.rejects(processor({ name: 'job', queueName: 'queue' } as never), {
    code: 'ERR_OPTIONS',
    message: /lastValueFrom/,
  })
})

void t.test('a deadline that is none is refused, and nothing is closed', async (t) => {
  const { pool } = await openLedger(t)
  const { work } = await openQueue(t, MAJORS[1][1])
  const guard = releaseDbConnectionAfterJob(work(withDbConnection(pool, () => {})), pool)
  t.throws(() => guard.close({ deadline: Infinity }), { code: 'ERR_OPTIONS', message: /deadline/ })
  await pool.query('SELECT 1')
  await guard.close()
})
