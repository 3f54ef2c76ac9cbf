import { releaseDbConnectionAfterJob, withDbConnection } from '@lifeguard/bullmq'
import t from 'tap'

import { MAJORS, openQueue } from '../support/bullmq-majors.ts'
import { gate } from '../support/gate.ts'
import { openLedger } from '../support/ledger.ts'

for (const [name, bullmq] of MAJORS) {
  void t.test(`a running job may finish (${name})`, async (t) => {
    const { pool, committed } = await openLedger(t)
    const { queue, work } = await openQueue(t, bullmq)
    const started = gate()
    const goOn = gate()
    const worker = work(
      withDbConnection(
        pool,
        async (_job, { db }) => {
          started.open()
          await goOn.opened
          await db.query("INSERT INTO entry (what) VALUES ('done')")
        },
        { transaction: true },
      ),
    )
    const guard = releaseDbConnectionAfterJob(worker, pool)
    const job = await queue.add('job', {})
    await started.opened
    const closing = guard.close()
    t.equal(guard.close(), closing, 'a second call is the same end')
    goOn.open()
    t.match(await closing, { workers: [{ jobs: 'finished' }], cut: [], pool: { cut: [] } })
    t.equal(await job.getState(), 'completed')
    t.same(await committed(), ['done'])
    await t.rejects(pool.query('SELECT 1'), { code: 'ERR_POOL_CLOSED' })
  })

  for (const heeds of [true, false]) {
    const title = heeds ? 'is cancelled' : 'and ignores its signal is abandoned, and cut off'
    void t.test(`a job that runs for longer ${title} (${name})`, async (t) => {
      const { pool, committed } = await openLedger(t)
      const { queue, work } = await openQueue(t, bullmq)
      const started = gate()
      const goOn = gate()
      const worker = work(
        withDbConnection(pool, async (_job, { db, signal }) => {
          await db.query('BEGIN')
          await db.query("INSERT INTO entry (what) VALUES ('open')")
          if (heeds) signal.addEventListener('abort', () => goOn.open())
          started.open()
          await goOn.opened
          await db.query('COMMIT')
        }),
      )
      const guard = releaseDbConnectionAfterJob(worker, pool, { deadline: 100 })
      await queue.add('job', {})
      await started.opened
      const report = await guard.close()
      t.match(report.workers, [{ jobs: heeds ? 'cancelled' : 'abandoned' }])
      t.same(await committed(), [])
      goOn.open()
    })
  }

  void t.test(`the last guard of a pool ends it (${name})`, async (t) => {
    const { pool } = await openLedger(t)
    const { work } = await openQueue(t, bullmq)
    const processor = withDbConnection(pool, () => {})
    // A worker of version 5 that is closed at once leaves the timer of its check behind.
    const quiet = { skipStalledCheck: true }
    const workers = [work(processor, quiet), work(processor, quiet)] as const
    // Closed while it connects, one of version 5 emits an error that nobody can listen to.
    await Promise.all(workers.map((worker) => worker.waitUntilReady()))
    const first = releaseDbConnectionAfterJob(workers[0], pool)
    const second = releaseDbConnectionAfterJob([workers[1]], pool)
    t.equal((await first.close()).pool, undefined)
    await pool.query('SELECT 1')
    t.same((await second.close()).pool, { cut: [] })
  })
}
