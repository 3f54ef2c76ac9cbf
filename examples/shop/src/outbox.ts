import type { Pool } from '@lifeguard/core'
import type { Queue } from 'bullmq'
import type { RowDataPacket } from 'mysql2'

export interface OrderJob {
  readonly orderId: number
  readonly customer: string
  readonly total: number
}

/**
 * Tells the workers of new orders. A row leaves the outbox when its jobs are in Redis; should that be told twice,
 * the jobs' ids make them one.
 */
export async function emptyOutbox(pool: Pool, queues: readonly Queue<OrderJob>[]): Promise<void> {
  await pool.transaction(async (tx) => {
    const [orders] = await tx.query<RowDataPacket[]>(
      `SELECT o.id, o.customer, o.total FROM outbox b JOIN orders o ON o.id = b.order_id
       ORDER BY o.id LIMIT 100 FOR UPDATE`,
    )
    if (orders.length === 0) return
    const jobs = orders.map(({ id, customer, total }) => ({
      name: 'order',
      data: { orderId: id as number, customer: customer as string, total: total as number },
      opts: { jobId: `order-${id}`, attempts: 5, backoff: { type: 'exponential', delay: 100 } },
    }))
    await Promise.all(queues.map((queue) => queue.addBulk(jobs)))
    await tx.query('DELETE FROM outbox WHERE order_id IN (?)', [
      orders.map(({ id }) => id as number),
    ])
  })
}
