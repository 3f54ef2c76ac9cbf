import { once } from 'node:events'

import { withDbConnection } from '@lifeguard/bullmq'
import t from 'tap'

import { MAJORS, openQueue } from '../support/bullmq-majors.ts'
import { openLedger } from '../support/ledger.ts'

for (const [name, bullmq] of MAJORS) {
  void t.test(
    `a COMMIT that fails is a job that fails, and is tried again (${name})`,
    async (t) => {
      const { pool, committed, kill } = await openLedger(t)
      const { queue, work } = await openQueue(t, bullmq)
      const worker = work(
        withDbConnection(
          pool,
          async (job, { db }) => {
            await db.query("INSERT INTO entry (what) VALUES ('one')")
            const [rows] = await db.query('SELECT CONNECTION_ID() AS id')
            if (job.attemptsMade === 0) await kill((rows as { id: number }[])[0]!.id)
            return 'done'
          },
          { transaction: true },
        ),
        { autorun: false },
      )
      const failed = once(worker, 'failed')
      const completed = once(worker, 'completed')
      void worker.run()
      await queue.add('job', {}, { attempts: 2 })
      await failed
      t.same(await committed(), [])
      await completed
      t.same(await committed(), ['one'])
    },
  )
}
