import { type JobProcessor, withDbConnection } from '@lifeguard/bullmq'
import type { Pool } from '@lifeguard/core'
import { sharedRedis, WorkBoard } from '@lifeguard/test-kit'
import type { ContractHarness, ContractWork } from '@lifeguard/test-kit/contract'
import type * as bullmq from 'bullmq'

/** The contract's worker on one major of BullMQ. */
export async function startWorker(
  { Queue, QueueEvents, Worker }: typeof bullmq,
  pool: Pool,
  concurrency: number,
): Promise<ContractHarness> {
  const { host, port } = await sharedRedis()
  const connection = { host, port }
  const name = `contract-${process.pid}-${Date.now()}`
  const board = new WorkBoard<ContractWork>()
  const queue = new Queue(name, { connection })
  // Each `waitUntilFinished` listens, and many jobs are waited for.
  queue.setMaxListeners(0)
  const events = new QueueEvents(name, { connection })
  const process_: JobProcessor<bullmq.Job, string> = async (job, { db }) => {
    await board.take(job.name)(db)
    return 'done'
  }
  const worker = new Worker(name, withDbConnection(pool, process_), { connection, concurrency })
  worker.on('error', () => {})
  await Promise.all([events.waitUntilReady(), worker.waitUntilReady()])
  return {
    async run(work) {
      const job = await queue.add(board.add(work), {})
      return job.waitUntilFinished(events).then(
        () => 'ok',
        () => 'failed',
      )
    },
    async abandon(work, started) {
      const job = await queue.add(board.add(work), {})
      await started
      worker.cancelJob(job.id!, 'the job is abandoned')
    },
    async close() {
      await worker.close()
      await events.close()
      await queue.obliterate({ force: true })
      await queue.close()
    },
  }
}
