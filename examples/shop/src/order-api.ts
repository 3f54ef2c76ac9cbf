import type { Pool } from '@lifeguard/core'
import { releaseDbConnection } from '@lifeguard/fastify'
import fastify, { type FastifyInstance } from 'fastify'
import type { ResultSetHeader, RowDataPacket } from 'mysql2'

interface NewOrder {
  readonly customer: string
  readonly total: number
}

/** What customers use. */
export async function buildOrderApi(pool: Pool): Promise<FastifyInstance> {
  const app = fastify({ logger: { level: process.env['LOG_LEVEL'] ?? 'warn' } })
  await app.register(releaseDbConnection, { pool, timeout: 30_000 })

  const body = { type: 'object', required: ['customer', 'total'] }
  const options = { schema: { body }, config: { db: { transaction: true } } }
  app.post<{ Body: NewOrder }>('/orders', options, async (request, reply) => {
    const { customer, total } = request.body
    const [order] = await request.db.query<ResultSetHeader>(
      'INSERT INTO orders (customer, total) VALUES (?, ?)',
      [customer, total],
    )
    await request.db.query('INSERT INTO outbox VALUES (?)', [order.insertId])
    reply.code(201)
    return { id: order.insertId }
  })

  app.get<{ Params: { id: string } }>('/orders/:id', async (request, reply) => {
    const [[order]] = await request.db.query<RowDataPacket[]>('SELECT * FROM orders WHERE id = ?', [
      request.params.id,
    ])
    return order ?? reply.code(404).send({ error: 'no such order' })
  })

  return app
}
