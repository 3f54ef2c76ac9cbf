import type { Pool } from '@lifeguard/core'
import { logDatabaseErrors, releaseDbConnection, transaction } from '@lifeguard/express'
import express, { type ErrorRequestHandler, type Express } from 'express'
import type { ResultSetHeader, RowDataPacket } from 'mysql2'

export async function createTables(pool: Pool): Promise<void> {
  await pool.query(`CREATE TABLE IF NOT EXISTS product (
    id INT PRIMARY KEY, name VARCHAR(100) NOT NULL, stock INT NOT NULL)`)
  await pool.query(`CREATE TABLE IF NOT EXISTS orders (
    id INT AUTO_INCREMENT PRIMARY KEY, product_id INT NOT NULL, quantity INT NOT NULL)`)
  await pool.query("INSERT IGNORE INTO product VALUES (1, 'rescue buoy', 10)")
}

/** An order API. Handlers never acquire or release: the connection comes and goes with the request. */
export function buildApp(pool: Pool): Express {
  const app = express()
  app.use(releaseDbConnection(pool, { logger: console }), express.json())

  app.get('/products', async (req, res) => {
    const [products] = await req.db.query<RowDataPacket[]>('SELECT * FROM product')
    res.json(products)
  })

  // The client is told of its order when it is committed, and not before.
  app.post(
    '/orders',
    transaction(async (req, res) => {
      const { productId, quantity } = req.body as { productId: number; quantity: number }
      const [order] = await req.db.query<ResultSetHeader>(
        'INSERT INTO orders (product_id, quantity) VALUES (?, ?)',
        [productId, quantity],
      )
      const [taken] = await req.db.query<ResultSetHeader>(
        'UPDATE product SET stock = stock - ? WHERE id = ? AND stock >= ?',
        [quantity, productId, quantity],
      )
      // Thrown after the INSERT: the transaction takes it back.
      if (taken.affectedRows === 0) throw Object.assign(new Error('sold out'), { status: 409 })
      res.status(201).json({ id: order.insertId })
    }),
  )

  app.get('/health', (_req, res) => {
    const { inUse, idle, waiting } = pool.stats()
    res.json({ inUse, idle, waiting })
  })

  const answerErrors: ErrorRequestHandler = (
    error: Error & { status?: number },
    _req,
    res,
    next,
  ) => {
    if (error.status === undefined || res.headersSent) return next(error)
    res.status(error.status).json({ error: error.message })
  }
  app.use(logDatabaseErrors(console), answerErrors)
  return app
}
