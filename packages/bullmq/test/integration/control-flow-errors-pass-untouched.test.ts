import { withDbConnection } from '@lifeguard/bullmq'
import { waitFor } from '@lifeguard/test-kit'
import type { Job } from 'bullmq'
import t from 'tap'

import { type BullMQ, MAJORS, openQueue } from '../support/bullmq-majors.ts'
import { gate } from '../support/gate.ts'
import { openLedger } from '../support/ledger.ts'

interface Ending {
  readonly state: string
  end(job: Job, token: string, bullmq: BullMQ): Promise<Error>
}

/** What jobs throw to tell BullMQ something, and the state that they are in afterwards. */
const ENDINGS: Record<string, Ending> = {
  DelayedError: {
    state: 'delayed',
    async end(job, token, { DelayedError }) {
      await job.moveToDelayed(Date.now() + 60_000, token)
      return new DelayedError()
    },
  },
  WaitingError: {
    state: 'prioritized',
    async end(job, token, { WaitingError }) {
      await job.moveToWait(token)
      return new WaitingError()
    },
  },
  RateLimitError: {
    state: 'prioritized',
    async end(_job, _token, { Worker }) {
      return Worker.RateLimitError()
    },
  },
  UnrecoverableError: {
    state: 'failed',
    async end(_job, _token, { UnrecoverableError }) {
      return new UnrecoverableError('no use')
    },
  },
}

for (const [name, bullmq] of MAJORS) {
  for (const [kind, ending] of Object.entries(ENDINGS)) {
    for (const transaction of [false, true]) {
      const title = `${kind} rolls back and passes${transaction ? ', in a transaction' : ''} (${name})`
      void t.test(title, async (t) => {
        const { pool, committed, nothingHeld } = await openLedger(t)
        const { queue, work } = await openQueue(t, bullmq)
        const seen = gate<unknown>()
        let thrown: unknown
        const processor = withDbConnection(
          pool,
          async (job, { db, token }) => {
            if (!transaction) await db.query('BEGIN')
            await db.query("INSERT INTO entry (what) VALUES ('open')")
            thrown = await ending.end(job, token!, bullmq)
            throw thrown
          },
          { transaction },
        )
        let runs = 0
        const worker = work(async (job, token, signal) => {
          // Back in the queue, it must not come again at once.
          if (runs++ === 0) await worker.pause(true)
          await processor(job, token, signal).catch((error: unknown) => {
            seen.open(error)
            throw error
          })
        })
        const job = await queue.add('job', {}, { attempts: 3, priority: 1 })
        t.equal(await seen.opened, thrown, 'the same object')
        await nothingHeld()
        t.same(await committed(), [])
        await waitFor(async () => (await job.getState()) === ending.state)
      })
    }
  }
}
