import { randomUUID } from 'node:crypto'

import { type RedisAddress, sharedRedis } from '@lifeguard/test-kit'
import * as bullmq6 from 'bullmq'
import * as bullmq5 from 'bullmq5'
import { Redis } from 'ioredis'
import type { Test } from 'tap'

export type BullMQ = typeof bullmq6

/** What is promised holds for both; where their types differ, these are version 6's. */
export const MAJORS = [
  ['bullmq 5', bullmq5 as unknown as BullMQ],
  ['bullmq 6', bullmq6],
] as const

export interface TestQueue {
  readonly queue: bullmq6.Queue
  /** Begins to work on the queue. Forced to close at the end of the test. */
  work(
    processor: bullmq6.Processor | string,
    options?: Partial<bullmq6.WorkerOptions>,
  ): bullmq6.Worker
  /** As if a stall had been noticed, or somebody had removed the job. */
  takeLock(job: { readonly id?: string | undefined }): Promise<void>
  /** How long the job's lock lasts from now on, in milliseconds. */
  lockTime(job: { readonly id?: string | undefined }): Promise<number>
}

/** A queue of the test's own. */
export async function openQueue(
  t: Pick<Test, 'teardown'>,
  { Queue, Worker }: BullMQ,
  redis?: RedisAddress,
): Promise<TestQueue> {
  const { host, port } = redis ?? (await sharedRedis())
  const connection = { host, port }
  const name = `test-${randomUUID()}`
  const queue = new Queue(name, { connection })
  queue.on('error', () => {})
  t.teardown(async () => {
    await queue.close()
  })
  const ask = async <T>(question: (client: Redis) => Promise<T>): Promise<T> => {
    const client = new Redis({ host, port })
    try {
      return await question(client)
    } finally {
      client.disconnect()
    }
  }
  return {
    queue,
    work(processor, options) {
      const worker = new Worker(name, processor, { connection, ...options })
      worker.on('error', () => {})
      t.teardown(() => worker.close(true))
      return worker
    },
    async takeLock({ id }) {
      await ask((client) => client.del(`bull:${name}:${id}:lock`))
    },
    lockTime: ({ id }) => ask((client) => client.pttl(`bull:${name}:${id}:lock`)),
  }
}
