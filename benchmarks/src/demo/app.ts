import Fastify, { type FastifyInstance } from 'fastify'
import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise'

import type { DataAccess, Queries } from './database.ts'
import { ERROR_HEADER, FAULT_HEADER, InjectedFault, nameOf } from './faults.ts'
import type { BasketItem } from './random.ts'

interface ById {
  Params: { id: number }
}

const byId = {
  schema: { params: { type: 'object', properties: { id: { type: 'integer' } } } },
} as const

interface PlaceOrder {
  Body: { customer: number; basket: BasketItem[] }
}

/** The shop. It knows nothing of where its connections come from. */
export async function buildApp(access: DataAccess): Promise<FastifyInstance> {
  const app = Fastify()
  await access.register(app)
  app.setErrorHandler(async (error: Error & { statusCode?: number }, _request, reply) => {
    const name = nameOf(error)
    return await reply
      .code(error.statusCode ?? 500)
      .header(ERROR_HEADER, name)
      .send({ error: name })
  })

  app.get<ById>('/customers/:id/orders', byId, async (request) => {
    const db = access.forRequest(request)
    const [customers] = await db.query<RowDataPacket[]>(
      'SELECT id, name, city FROM customers WHERE id = ?',
      [request.params.id],
    )
    const [orders] = await db.query<RowDataPacket[]>(
      `SELECT o.id, o.total, o.status, o.created_at, SUM(i.quantity) AS pieces
       FROM orders o JOIN order_items i ON i.order_id = o.id
       WHERE o.customer_id = ? GROUP BY o.id ORDER BY o.id DESC LIMIT 20`,
      [request.params.id],
    )
    return { customer: customers[0], orders }
  })

  app.get<ById>('/products/:id', byId, async (request) => {
    const db = access.forRequest(request)
    const [products] = await db.query<RowDataPacket[]>(
      'SELECT id, name, price, stock FROM products WHERE id = ?',
      [request.params.id],
    )
    const [sold] = await db.query<RowDataPacket[]>(
      'SELECT SUM(quantity) AS pieces FROM order_items WHERE product_id = ?',
      [request.params.id],
    )
    return { product: products[0], sold: sold[0]?.['pieces'] }
  })

  app.post<PlaceOrder>('/orders', async (request, reply) => {
    const { customer, basket } = request.body
    const order = await access.forRequest(request).transaction(async (tx) => {
      const prices = await pricesOf(tx, basket)
      const total = basket.reduce((sum, item) => sum + item.quantity * prices.get(item.product)!, 0)
      await takeMoney(tx, customer, total)
      for (const item of basket) await takeFromStock(tx, item)
      if (request.headers[FAULT_HEADER]) throw new InjectedFault()
      return await insertOrder(tx, customer, total, basket, prices)
    })
    return await reply.code(201).send({ order })
  })

  return app
}

async function pricesOf(tx: Queries, basket: BasketItem[]): Promise<Map<number, number>> {
  const [rows] = await tx.query<RowDataPacket[]>('SELECT id, price FROM products WHERE id IN (?)', [
    basket.map((item) => item.product),
  ])
  return new Map(rows.map((row) => [Number(row['id']), Number(row['price'])]))
}

async function takeMoney(tx: Queries, customer: number, amount: number): Promise<void> {
  const [paid] = await tx.query<ResultSetHeader>(
    'UPDATE wallets SET balance = balance - ? WHERE customer_id = ? AND balance >= ?',
    [amount, customer, amount],
  )
  if (paid.affectedRows !== 1) throw new Error('not enough money')
}

/** Called in the order of the products' ids, so that two orders never wait for one another. */
async function takeFromStock(tx: Queries, { product, quantity }: BasketItem): Promise<void> {
  const [taken] = await tx.query<ResultSetHeader>(
    'UPDATE products SET stock = stock - ? WHERE id = ? AND stock >= ?',
    [quantity, product, quantity],
  )
  if (taken.affectedRows !== 1) throw new Error('out of stock')
}

async function insertOrder(
  tx: Queries,
  customer: number,
  total: number,
  basket: BasketItem[],
  prices: ReadonlyMap<number, number>,
): Promise<number> {
  const [{ insertId }] = await tx.query<ResultSetHeader>(
    'INSERT INTO orders (customer_id, total) VALUES (?, ?)',
    [customer, total],
  )
  const items = basket.map(({ product, quantity }) => [
    insertId,
    product,
    quantity,
    prices.get(product),
  ])
  await tx.query('INSERT INTO order_items (order_id, product_id, quantity, price) VALUES ?', [
    items,
  ])
  return insertId
}
