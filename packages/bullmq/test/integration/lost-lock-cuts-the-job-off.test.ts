import { withDbConnection } from '@lifeguard/bullmq'
import { waitFor } from '@lifeguard/test-kit'
import t from 'tap'

import { MAJORS, openQueue } from '../support/bullmq-majors.ts'
import { gate } from '../support/gate.ts'
import { openLedger } from '../support/ledger.ts'

for (const [name, bullmq] of MAJORS) {
  void t.test(`who has lost the lock of a job has lost its connection (${name})`, async (t) => {
    const { pool, committed, nothingHeld } = await openLedger(t)
    const { queue, work, takeLock } = await openQueue(t, bullmq)
    const goOn = gate()
    const outcome = gate<unknown>()
    const aborted = gate<unknown>()
    work(
      withDbConnection(
        pool,
        async (job, { db, signal }) => {
          await db.transaction(async (tx) => {
            await tx.query("INSERT INTO entry (what) VALUES ('zombie')")
            signal.addEventListener('abort', () => aborted.open(signal.reason))
            await takeLock(job)
            await goOn.opened
          })
        },
        { hold: 'transaction' },
      ),
      { lockDuration: 1000, stalledInterval: 60_000 },
    ).on('error', (error) => {
      // What BullMQ says of the job that has come back without its lock.
      if (/missing lock|missing key/i.test(error.message)) outcome.open(error)
    })
    const job = await queue.add('job', {})

    t.match(await aborted.opened, { code: 'ERR_SCOPE_ENDED', message: /its lock is lost/ })
    await nothingHeld()
    t.equal(
      pool.stats().rollbacks,
      1,
      'its connection was rolled back while its function still runs',
    )
    goOn.open()
    await outcome.opened
    t.same(await committed(), [])
    t.equal(
      await job.getState(),
      'active',
      'it is neither completed nor failed: a stall, for others to notice',
    )
  })

  void t.test(`a statement that still runs is killed (${name})`, async (t) => {
    const { pool, nothingHeld } = await openLedger(t)
    const { queue, work, takeLock } = await openQueue(t, bullmq)
    const ended = gate<unknown>()
    work(
      withDbConnection(pool, async (job, { db }) => {
        await takeLock(job)
        ended.open(await db.query('SELECT SLEEP(60)').catch((error: unknown) => error))
      }),
      { lockDuration: 1000, stalledInterval: 60_000 },
    )
    await queue.add('job', {})
    t.match(await ended.opened, { code: 'ERR_SCOPE_ENDED', message: /its lock is lost/ })
    await nothingHeld()
    await waitFor(() => pool.stats().kills === 1)
  })
}
