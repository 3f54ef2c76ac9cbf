// Compiled against the packed packages by scripts/check-packed.js: what the README shows must have types.
import { withDbConnection } from '@lifeguard/bullmq'
import { createPool, isLifeguardError, type Pool, type Scope } from '@lifeguard/core'
import { releaseDbConnection } from '@lifeguard/express'
import { lifeguard } from '@lifeguard/fastify'
import { type ConnectionOptions, Worker } from 'bullmq'
import express from 'express'
import { fastify } from 'fastify'
import type { RowDataPacket } from 'mysql2'

export const pool: Pool = createPool({
  uri: 'mysql://app@127.0.0.1/shop',
  max: 50,
  charset: 'utf8mb4',
})

// @ts-expect-error The name of an option is checked.
createPool({ maximum: 50 })

export async function countOrders(db: Scope): Promise<number> {
  const [rows] = await db.query<RowDataPacket[]>('SELECT COUNT(*) AS orders FROM orders')
  return Number(rows[0]?.['orders'])
}

export async function serve(): Promise<void> {
  const app = fastify()
  await app.register(lifeguard, { uri: 'mysql://app@127.0.0.1/shop', max: 50 })
  app.get('/orders', async (request) => await countOrders(request.db))
  await app.db.end({ deadline: 1000 })
}

export const app = express()
app.use(releaseDbConnection(pool))
app.get('/orders', (req, res, next) => {
  countOrders(req.db).then((count) => res.json(count), next)
})

export function work(connection: ConnectionOptions): Worker {
  const process = withDbConnection(pool, async (_job, { db }) => await countOrders(db))
  return new Worker('orders', process, { connection })
}

export const retry = (error: unknown): boolean => isLifeguardError(error, 'ERR_QUEUE_FULL')
