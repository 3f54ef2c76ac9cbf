import { randomUUID } from 'node:crypto'
import { once } from 'node:events'

import { withDbConnection } from '@lifeguard/bullmq'
import { createPool } from '@lifeguard/core'
import {
  createBank,
  openTransactions,
  sharedDatabase,
  sharedRedis,
  threadsConnected,
  waitFor,
} from '@lifeguard/test-kit'
import { DelayedError, type Job, Queue, UnrecoverableError, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import t from 'tap'

import { usedHeap } from './support/load/heap.ts'
import { randomOf } from './support/load/random.ts'

const JOBS = 10_000
const WARM_UP = 2000
/** As in the test of requests: a leak of 1 kB a job would be 8. */
const HEAP_GROWTH_MB = 6

type Ending = 'ok' | 'throws' | 'left-open' | 'delayed' | 'for-good' | 'cancelled' | 'lock-lost'

const FAULTY: readonly Ending[] = [
  'throws',
  'left-open',
  'delayed',
  'for-good',
  'cancelled',
  'lock-lost',
]

void t.test('10 000 jobs, 30 % of which end badly, leave nothing behind', async (t) => {
  const server = await sharedDatabase()
  const bank = await createBank()
  const pool = createPool({ uri: bank.uri, min: 0, max: 10, acquireTimeout: 60_000 })
  const { host, port } = await sharedRedis()
  const connection = { host, port }
  const name = `many-${randomUUID()}`
  const queue = new Queue(name, { connection })
  const redis = new Redis({ host, port })
  const random = randomOf(10)
  const delayed = new Set<string>()

  const worker = new Worker<Ending>(
    name,
    withDbConnection(pool, async (job: Job<Ending>, { db, token, signal }) => {
      await db.query('START TRANSACTION')
      await db.query(`UPDATE account SET balance = balance + 1 WHERE id = 2`)
      switch (job.data) {
        case 'ok':
          await db.query('ROLLBACK')
          break
        case 'throws':
          throw new Error('the job fails')
        case 'left-open':
          break
        case 'for-good':
          throw new UnrecoverableError('never again')
        case 'delayed':
          if (delayed.has(job.id!)) break
          delayed.add(job.id!)
          await job.moveToDelayed(Date.now() + 50, token)
          throw new DelayedError()
        case 'cancelled':
          worker.cancelJob(job.id!)
          if (!signal.aborted) await once(signal, 'abort')
          await db.query('SELECT 1')
          break
        case 'lock-lost':
          await redis.del(`bull:${name}:${job.id}:lock`)
          break
        default:
          job.data satisfies never
      }
    }),
    { connection, concurrency: 50, removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } },
  )
  // A lost lock is told of in no other way.
  worker.on('error', () => {})
  const rejections: unknown[] = []
  const onRejection = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', onRejection)
  t.teardown(async () => {
    process.off('unhandledRejection', onRejection)
    await worker.close(true)
    await queue.obliterate({ force: true })
    await queue.close()
    redis.disconnect()
    await pool.end()
    await bank.drop()
  })

  // Jobs that have lost their lock get no event of their own: so it is what the pool gave back that is counted.
  const runsToTheEnd = (): number => pool.stats().released - delayed.size
  const work = async (count: number): Promise<void> => {
    const goal = runsToTheEnd() + count
    for (let left = count; left > 0; left -= 500) {
      await queue.addBulk(
        Array.from({ length: Math.min(left, 500) }, () => {
          const faulty = random() < 0.3
          const data = faulty ? FAULTY[Math.floor(random() * FAULTY.length)]! : 'ok'
          return { name: 'job', data }
        }),
      )
    }
    await waitFor(() => runsToTheEnd() >= goal, { timeout: 120_000 })
    await waitFor(() => pool.stats().inUse + pool.stats().waiting + pool.stats().busy === 0, {
      timeout: 30_000,
    })
  }

  await work(WARM_UP)
  const before = await usedHeap()
  await work(JOBS - WARM_UP)
  const growth = (await usedHeap()) - before

  const stats = pool.stats()
  t.comment({ growth, acquired: stats.acquired, rollbacks: stats.rollbacks, total: stats.total })
  t.match(stats, { inUse: 0, waiting: 0, busy: 0, timeouts: 0 })
  t.equal(stats.acquired, stats.released)
  t.ok(stats.acquired >= JOBS)
  t.ok(stats.total <= 10)
  // The server lists a connection for a moment after it was closed.
  await waitFor(async () => (await threadsConnected(server, bank.name)) === pool.stats().total)
  await waitFor(async () => (await openTransactions(server, bank.name)) === 0, { every: 150 })
  t.equal(await bank.balance(2), 100)
  t.ok(growth < HEAP_GROWTH_MB, `the heap has grown by ${growth.toFixed(1)} MB`)
  t.same(rejections, [])
})
