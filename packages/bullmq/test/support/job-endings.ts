import { once } from 'node:events'

import { type JobContext, withDbConnection, type WithDbConnectionOptions } from '@lifeguard/bullmq'
import type { Pool } from '@lifeguard/core'
import { type RedisServer, startRedis, waitFor } from '@lifeguard/test-kit'
import type { World } from '@lifeguard/test-kit/http-contract'
import type { Job, JobsOptions, Worker, WorkerOptions } from 'bullmq'
import type { Test } from 'tap'

import { type BullMQ, openQueue, type TestQueue } from './bullmq-majors.ts'

/** One worker that works on what ends in one way. */
export interface JobWorld {
  readonly bullmq: BullMQ
  readonly world: World<Pool>
  readonly queue: TestQueue['queue']
  readonly worker: Worker
  readonly takeLock: TestQueue['takeLock']
  readonly redis: RedisServer | undefined
  outage?: Promise<void>
  recovery?: Promise<void>
  /** The job that the marker names has come so far. */
  begun(marker: string): Promise<void>
  state(job: Job, state: string): Promise<void>
}

export interface JobEnding {
  readonly name: string
  /** How many leases one job of it takes, all of its runs together. */
  readonly leases: number
  readonly options?: WithDbConnectionOptions
  readonly job?: JobsOptions
  readonly worker?: Partial<WorkerOptions>
  readonly ownRedis?: boolean
  /** What the job's function does once it has begun. */
  run(job: Job, context: JobContext, on: JobWorld): Promise<unknown>
  /** What happens to the job from outside, until it is over. */
  meanwhile(job: Job, marker: string, on: JobWorld): Promise<unknown>
}

const aborted = async ({ signal }: JobContext): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort')
}

const begunOnce = new WeakMap<JobWorld, Set<string>>()

/** Whether the job has not been run before. */
function isFirstRun(job: Job, on: JobWorld): boolean {
  const begun = begunOnce.get(on) ?? new Set()
  begunOnce.set(on, begun)
  return begun.size < begun.add(job.name).size
}

const QUICK_LOCKS = { lockDuration: 1000, stalledInterval: 300 }

export const JOB_ENDINGS: readonly JobEnding[] = [
  {
    name: 'completed',
    leases: 1,
    run: async () => 'done',
    meanwhile: (job, _marker, { state }) => state(job, 'completed'),
  },
  {
    name: 'failed',
    leases: 1,
    run: async () => Promise.reject(new Error('the job fails')),
    meanwhile: (job, _marker, { state }) => state(job, 'failed'),
  },
  {
    name: 'failed for good at the first attempt',
    leases: 1,
    job: { attempts: 5 },
    run: async (_job, _context, { bullmq }) => {
      throw new bullmq.UnrecoverableError('never again')
    },
    meanwhile: (job, _marker, { state }) => state(job, 'failed'),
  },
  {
    name: 'retried',
    leases: 2,
    job: { attempts: 2 },
    run: async (job, _context, on) => {
      if (isFirstRun(job, on)) throw new Error('the first attempt fails')
    },
    meanwhile: (job, _marker, { state }) => state(job, 'completed'),
  },
  {
    name: 'delayed by itself',
    leases: 2,
    run: async (job, { token }, on) => {
      if (!isFirstRun(job, on)) return
      await job.moveToDelayed(Date.now() + 100, token)
      throw new on.bullmq.DelayedError()
    },
    meanwhile: (job, _marker, { state }) => state(job, 'completed'),
  },
  {
    name: 'rate-limited',
    leases: 2,
    worker: { limiter: { max: 100, duration: 100 } },
    run: async (job, _context, on) => {
      if (!isFirstRun(job, on)) return
      await on.queue.rateLimit(100)
      throw new on.bullmq.RateLimitError()
    },
    meanwhile: (job, _marker, { state }) => state(job, 'completed'),
  },
  {
    name: 'cancelled while a statement runs',
    leases: 1,
    run: (_job, { db }) => db.query('SELECT SLEEP(30)'),
    meanwhile: async (job, marker, { begun, state, worker, world }) => {
      await begun(marker)
      await waitFor(async () => (await world.running('SELECT SLEEP(30)')) > 0, { every: 50 })
      worker.cancelJob(job.id!, 'nobody needs it any more')
      await state(job, 'failed')
    },
  },
  {
    name: 'out of time',
    leases: 1,
    options: { timeout: 300 },
    run: async (_job, context) => aborted(context),
    meanwhile: (job, _marker, { state }) => state(job, 'completed'),
  },
  {
    name: 'its lock is lost',
    leases: 1,
    worker: { ...QUICK_LOCKS, skipStalledCheck: true },
    run: async (_job, context) => aborted(context),
    meanwhile: async (job, marker, { begun, takeLock, world }) => {
      await begun(marker)
      await takeLock(job)
      await waitFor(() => world.hasEnded(marker))
    },
  },
  {
    name: 'stalled, and run again while the first run goes on',
    leases: 2,
    worker: { ...QUICK_LOCKS, concurrency: 4 },
    run: async (job, context, on) => {
      if (isFirstRun(job, on)) await aborted(context)
    },
    meanwhile: async (job, marker, { begun, state, takeLock }) => {
      await begun(marker)
      await takeLock(job)
      await state(job, 'completed')
    },
  },
  {
    name: 'removed while it runs',
    leases: 1,
    run: async (job, _context, { world }) => world.gate(job.name),
    meanwhile: async (job, marker, { begun, takeLock, world }) => {
      await begun(marker)
      await takeLock(job)
      await job.remove()
      await waitFor(() => {
        world.openGate(marker)
        return world.hasEnded(marker)
      })
    },
  },
  {
    name: 'its worker is closed',
    leases: 1,
    run: async (job, _context, { world }) => world.gate(job.name),
    meanwhile: async (job, marker, { begun, state, worker, world }) => {
      await begun(marker)
      const closing = worker.close()
      await waitFor(() => {
        world.openGate(marker)
        return world.hasEnded(marker)
      })
      await closing
      await state(job, 'completed')
    },
  },
  {
    name: 'its worker is closed by force',
    leases: 1,
    run: async (job, _context, { world }) => world.gate(job.name),
    meanwhile: async (_job, marker, { begun, worker, world }) => {
      await begun(marker)
      await worker.close(true)
      await waitFor(() => {
        world.openGate(marker)
        return world.hasEnded(marker)
      })
    },
  },
  {
    name: 'Redis is away when it completes',
    leases: 1,
    ownRedis: true,
    worker: { runRetryDelay: 200 },
    run: async (job, _context, { world }) => world.gate(job.name),
    meanwhile: async (job, marker, on) => {
      await on.begun(marker)
      on.outage ??= on.redis!.kill()
      await on.outage
      on.world.openGate(marker)
      await waitFor(() => on.world.hasEnded(marker))
      on.recovery ??= on.redis!.restart()
      await on.recovery
      await on.state(job, 'completed')
    },
  },
]

/** Opens a queue and a worker for jobs that end so. */
export async function openJobWorld(
  t: Test,
  bullmq: BullMQ,
  world: World<Pool>,
  ending: JobEnding,
): Promise<JobWorld> {
  const redis = ending.ownRedis ? await startRedis({ appendonly: true }) : undefined
  const { queue, work, takeLock } = await openQueue(t, bullmq, redis)
  const process = withDbConnection(
    world.pool,
    async (job: Job, context) => {
      await world.begin(context.db, job.name)
      return ending.run(job, context, on)
    },
    ending.options,
  )
  const worker = work(process, { concurrency: 2, drainDelay: 1, ...ending.worker })
  const on: JobWorld = {
    bullmq,
    world,
    queue,
    worker,
    takeLock,
    redis,
    begun: (marker) => waitFor(() => world.hasBegun(marker), { label: `${ending.name}: begun` }),
    state: (job, state) =>
      waitFor(async () => (await job.getState()) === state, {
        every: 50,
        timeout: 20_000,
        label: `${ending.name}: ${state}`,
      }),
  }
  await worker.waitUntilReady()
  return on
}
