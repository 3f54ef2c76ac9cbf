import { releaseDbConnectionAfterJob, withDbConnection } from '@lifeguard/bullmq'
import t from 'tap'

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
