//   DATABASE_URL=mysql://user:password@localhost/shop REDIS_URL=redis://localhost node dist/worker.js

import { releaseDbConnectionAfterJob, withDbConnection } from '@lifeguard/bullmq'
import { createPool } from '@lifeguard/core'
import { type Job, Queue, Worker } from 'bullmq'

import { emptyOutbox, type OrderJob } from './outbox.ts'
import { createTables } from './schema.ts'

const pool = createPool({
  uri: process.env['DATABASE_URL'] ?? 'mysql://root@127.0.0.1/shop',
  max: 20,
})
const { hostname: host, port } = new URL(process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379')
const connection = { host, port: Number(port || 6379) }
const prefix = process.env['QUEUE_PREFIX'] ?? 'shop'
await createTables(pool)

// Jobs are delivered at least once: both statements do their work once.
const invoices = new Worker(
  'invoices',
  withDbConnection(
    pool,
    async (job: Job<OrderJob>, { db }) => {
      const { orderId, total } = job.data
      await db.query('INSERT IGNORE INTO invoice VALUES (?, ?)', [orderId, total])
    },
    { transaction: true },
  ),
  { connection, prefix, concurrency: 10 },
)
const mails = new Worker(
  'mails',
  withDbConnection(
    pool,
    async (job: Job<OrderJob>, { db }) => {
      const { orderId, customer } = job.data
      await db.query('INSERT IGNORE INTO mail VALUES (?, ?)', [orderId, customer])
    },
    { hold: 'transaction' },
  ),
  { connection, prefix, concurrency: 10 },
)
for (const worker of [invoices, mails]) worker.on('error', (error) => console.error(error.message))

const queues = ['invoices', 'mails'].map(
  (name) => new Queue<OrderJob>(name, { connection, prefix }),
)
const guard = releaseDbConnectionAfterJob([invoices, mails], pool, { logger: console })

let stopping = false
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => (stopping = true))
}
console.log('working')

while (!stopping) {
  await emptyOutbox(pool, queues).catch((error: Error) => console.error(error.message))
  await new Promise((resolve) => setTimeout(resolve, 50))
}
await guard.close({ deadline: 10_000 })
await Promise.all(queues.map((queue) => queue.close()))
