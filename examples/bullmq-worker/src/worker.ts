//   DATABASE_URL=mysql://user:password@localhost/shop REDIS_URL=redis://localhost node dist/worker.js

import { releaseDbConnectionAfterJob, withDbConnection } from '@lifeguard/bullmq'
import { createPool } from '@lifeguard/core'
import { type Job, UnrecoverableError, Worker } from 'bullmq'
import type { ResultSetHeader } from 'mysql2'

const pool = createPool({
  uri: process.env['DATABASE_URL'] ?? 'mysql://root@127.0.0.1/shop',
  max: 20,
})
const { hostname: host, port } = new URL(process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379')
const connection = { host, port: Number(port || 6379) }

await pool.query(
  'CREATE TABLE IF NOT EXISTS invoice (order_id INT PRIMARY KEY, total INT NOT NULL)',
)
await pool.query('CREATE TABLE IF NOT EXISTS mail (order_id INT PRIMARY KEY, sent_at DATETIME)')

interface Order {
  readonly orderId: number
  readonly total: number
}

/** One transaction a job: committed before the job counts as completed, and only while its lock is ours. */
const invoices = new Worker(
  'invoices',
  withDbConnection(
    pool,
    async (job: Job<Order>, { db }) => {
      const { orderId, total } = job.data
      // Thrown errors roll back, whatever they are; this one is not tried again.
      if (total < 0) throw new UnrecoverableError('an invoice has no negative total')
      // Jobs are delivered at least once: the second invoice of an order is the first one.
      await db.query('INSERT IGNORE INTO invoice VALUES (?, ?)', [orderId, total])
    },
    { transaction: true },
  ),
  { connection, concurrency: 10 },
)

/** Mailing takes long and needs no database: with `hold: 'transaction'` nothing is held meanwhile. */
const mails = new Worker(
  'mails',
  withDbConnection(
    pool,
    async (job: Job<Order>, { db, signal }) => {
      const { orderId } = job.data
      const [claimed] = await db.query<ResultSetHeader>(
        'INSERT IGNORE INTO mail VALUES (?, NULL)',
        [orderId],
      )
      if (claimed.affectedRows === 0 && job.attemptsMade === 0) return
      await sendMail(orderId, signal)
      await db.query('UPDATE mail SET sent_at = NOW() WHERE order_id = ?', [orderId])
    },
    { hold: 'transaction', timeout: 60_000 },
  ),
  { connection, concurrency: 50 },
)

for (const worker of [invoices, mails]) {
  worker.on('failed', (job, error) => console.error(`job ${job?.id} failed: ${error.message}`))
  worker.on('error', (error) => console.error(error.message))
}

const guard = releaseDbConnectionAfterJob([invoices, mails], pool, { logger: console })
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  // Jobs under way may finish for ten seconds; then they are cancelled, and cut off from the database.
  process.once(signal, () => void guard.close({ deadline: 10_000 }))
}
console.log('working')

/** Stands for a mail server that takes its time. */
async function sendMail(orderId: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  await new Promise((resolve) => setTimeout(resolve, 20))
  console.log(`mail for order ${orderId}`)
}
