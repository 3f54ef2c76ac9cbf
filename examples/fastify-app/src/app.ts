import { lifeguard } from '@lifeguard/fastify'
import fastify, { type FastifyInstance } from 'fastify'
import type { ResultSetHeader, RowDataPacket } from 'mysql2'

class SoldOut extends Error {
  readonly statusCode = 409
  override readonly message = 'not enough in stock'
}

/** An order API. Handlers never acquire or release: the connection comes and goes with the request. */
export async function buildApp(databaseUrl: string): Promise<FastifyInstance> {
  const app = fastify({ logger: { level: process.env['LOG_LEVEL'] ?? 'warn' } })
  await app.register(lifeguard, { uri: databaseUrl, max: 20 })

  await app.db.query(`CREATE TABLE IF NOT EXISTS product (
    id INT PRIMARY KEY, name VARCHAR(100) NOT NULL, stock INT NOT NULL)`)
  await app.db.query(`CREATE TABLE IF NOT EXISTS orders (
    id INT AUTO_INCREMENT PRIMARY KEY, product_id INT NOT NULL, quantity INT NOT NULL)`)
  await app.db.query("INSERT IGNORE INTO product VALUES (1, 'rescue buoy', 10)")

  app.get('/products', async (request) => {
    const [products] = await request.db.query<RowDataPacket[]>('SELECT * FROM product')
    return products
  })

  app.post<{ Body: { productId: number; quantity: number } }>(
    '/orders',
    { schema: { body: { type: 'object', required: ['productId', 'quantity'] } } },
    async (request, reply) => {
      const { productId, quantity } = request.body
      const id = await request.db.transaction(async (tx) => {
        const [order] = await tx.query<ResultSetHeader>(
          'INSERT INTO orders (product_id, quantity) VALUES (?, ?)',
          [productId, quantity],
        )
        const [taken] = await tx.query<ResultSetHeader>(
          'UPDATE product SET stock = stock - ? WHERE id = ? AND stock >= ?',
          [quantity, productId, quantity],
        )
        // Thrown after the INSERT: the transaction takes it back.
        if (taken.affectedRows === 0) throw new SoldOut()
        return order.insertId
      })
      return reply.code(201).send({ id })
    },
  )

  app.get('/health', () => {
    const { inUse, idle, waiting } = app.db.stats()
    return { inUse, idle, waiting }
  })

  return app
}
