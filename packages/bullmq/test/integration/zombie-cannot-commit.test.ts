import { withDbConnection } from '@lifeguard/bullmq'
import { canStartServers, startRedis, waitFor } from '@lifeguard/test-kit'
import t from 'tap'

import { MAJORS, openQueue } from '../support/bullmq-majors.ts'
import { gate } from '../support/gate.ts'
import { openLedger } from '../support/ledger.ts'

const skip = !canStartServers('redis') && 'no Redis can be started here'

for (const [name, bullmq] of MAJORS) {
  void t.test(
    `nothing is committed once the lock is gone, however briefly (${name})`,
    async (t) => {
      const { pool, committed, nothingHeld } = await openLedger(t)
      const { queue, work, takeLock } = await openQueue(t, bullmq)
      const outcome = gate<unknown>()
      const processor = withDbConnection(
        pool,
        async (job, { db }) => {
          await db.query("INSERT INTO entry (what) VALUES ('zombie')")
          // Long before its renewal would show it.
          await takeLock(job)
        },
        { transaction: true },
      )
      work(async (job, token, signal) => {
        const running = processor(job, token, signal)
        running.catch(outcome.open)
        await running
      })
      await queue.add('job', {})
      t.match(await outcome.opened, {
        code: 'ERR_SCOPE_ENDED',
        message: /nothing of job 1 was committed: its lock is lost/,
      })
      await nothingHeld()
      t.same(await committed(), [])
    },
  )

  void t.test(`nothing is committed while Redis cannot be asked (${name})`, { skip }, async (t) => {
    const { pool, committed, nothingHeld } = await openLedger(t)
    const redis = await startRedis()
    t.teardown(() => redis.stop())
    const { queue, work } = await openQueue(t, bullmq, redis)
    const outcome = gate<unknown>()
    const processor = withDbConnection(
      pool,
      async (job, { db }) => {
        await db.query('INSERT INTO entry (what) VALUES (?)', [job.name])
        if (job.name === 'mute') redis.pause()
      },
      { transaction: true },
    )
    const worker = work(
      async (job, token, signal) => {
        const running = processor(job, token, signal)
        running.catch(outcome.open)
        await running
      },
      { lockDuration: 2000 },
    )
    await queue.add('mute', {})
    t.match(await outcome.opened, {
      code: 'ERR_SCOPE_ENDED',
      message: /whether its lock is still held could not be asked/,
      cause: { message: 'no answer within 1000 ms' },
    })
    await nothingHeld()
    t.same(await committed(), [])

    redis.resume()
    let done = 0
    worker.on('completed', () => done++)
    await queue.add('heard', {})
    await waitFor(() => done === 1)
    t.same(await committed(), ['heard'])
  })
}

void t.test('asking for the lock does not shorten it', async (t) => {
  const { pool } = await openLedger(t)
  for (const [name, bullmq] of MAJORS) {
    const { queue, work, lockTime } = await openQueue(t, bullmq)
    const processor = withDbConnection(pool, () => {}, { transaction: true })
    const left = gate<number>()
    work(
      async (job, token, signal) => {
        await processor(job, token, signal)
        left.open(await lockTime(job))
      },
      { lockDuration: 120_000 },
    )
    await queue.add('job', {})
    t.ok((await left.opened) > 60_000, name)
  }
})
