import { once } from 'node:events'

import { withDbConnection } from '@lifeguard/bullmq'
import t from 'tap'

import { MAJORS, openQueue } from '../support/bullmq-majors.ts'
import { openLedger } from '../support/ledger.ts'

for (const [name, bullmq] of MAJORS) {
  void t.test(`with \`transaction\` a job is all or nothing (${name})`, async (t) => {
    const { pool, committed, nothingHeld } = await openLedger(t)
    const { queue, work } = await openQueue(t, bullmq)
    const isolation = 'SERIALIZABLE' as const
    const worker = work(
      withDbConnection(
        pool,
        async (job, { db }) => {
          await db.query('INSERT INTO entry (what) VALUES (?)', [job.name])
          // Whatever goes through the pool belongs to it.
          await pool.query('INSERT INTO entry (what) VALUES (?)', [`${job.name} deeper`])
          if (job.name === 'bad') throw new Error('it went wrong')
        },
        { transaction: { isolation } },
      ),
      { autorun: false },
    )
    void worker.run()

    const completed = once(worker, 'completed')
    await queue.add('good', {})
    await completed
    t.same(await committed(), ['good', 'good deeper'])

    const failed = once(worker, 'failed')
    await queue.add('bad', {})
    await failed
    t.same(await committed(), ['good', 'good deeper'])
    await nothingHeld()
  })
}

void t.test('a read-only transaction refuses to write, and the job fails', async (t) => {
  const { pool, committed } = await openLedger(t)
  const { queue, work } = await openQueue(t, MAJORS[1][1])
  const worker = work(
    withDbConnection(pool, (_job, { db }) => db.query("INSERT INTO entry (what) VALUES ('x')"), {
      transaction: { readOnly: true },
    }),
    { autorun: false },
  )
  const failed = once(worker, 'failed')
  void worker.run()
  await queue.add('write', {})
  const [, error] = (await failed) as [unknown, { code?: string }]
  t.equal(error.code, 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION')
  t.same(await committed(), [])
})
