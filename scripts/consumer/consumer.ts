// Compiled against the packed packages by scripts/check-packed.js: what the README shows must have types.
import { withDbConnection } from '@lifeguard/bullmq'
import {
  createPool,
  isLifeguardError,
  LifeguardError,
  type Pool,
  type Scope,
} from '@lifeguard/core'
import { releaseDbConnection } from '@lifeguard/express'
import { lifeguard } from '@lifeguard/fastify'
import mysql, { type Pool as DropInPool } from '@lifeguard/mysql2'
import { createPool as createPromisePool } from '@lifeguard/mysql2/promise'
import { createSequelize } from '@lifeguard/mysql2/sequelize'
import { type ConnectionOptions, Worker } from 'bullmq'
import express from 'express'
import { fastify } from 'fastify'
import type { Pool as Mysql2Pool, PoolConnection, RowDataPacket } from 'mysql2'
import type { Pool as Mysql2PromisePool } from 'mysql2/promise'

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
export const isFull = (error: unknown): boolean =>
  // @ts-expect-error A code that there is not.
  error instanceof LifeguardError && error.code === 'ERR_QUEUEFULL'

const dropIn: DropInPool = mysql.createPool({
  uri: 'mysql://app@127.0.0.1/shop',
  connectionLimit: 5,
  max: 5,
})
export const asTheirs: Mysql2Pool = dropIn
export const native: Pool = dropIn.lifeguard
export const promised: Mysql2PromisePool = createPromisePool('mysql://app@127.0.0.1/shop')

interface Order extends RowDataPacket {
  total: number
}

dropIn.query<Order[]>('SELECT total FROM orders WHERE id = ?', [7], (_error, rows) =>
  rows[0]?.total.toFixed(2),
)
dropIn.getConnection((_error, connection: PoolConnection) => connection.release())
export const total = async (): Promise<number | undefined> => {
  const [rows] = await promised.execute<Order[]>('SELECT total FROM orders')
  return rows[0]?.total
}

// @ts-expect-error The name of an option is checked.
mysql.createPool({ connectionLimits: 5 })

class Sequelize {
  readonly connectionManager = {}
  readonly name = 'mine'
}
export const { name } = createSequelize(Sequelize, { uri: 'mysql://app@127.0.0.1/shop' }).sequelize
