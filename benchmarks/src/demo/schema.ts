import type { Connection } from 'mysql2/promise'

import { picker, type Random, seededRandom } from './random.ts'

export const SHOP = {
  customers: 10_000,
  products: 2000,
  orders: 25_000,
  itemsPerOrder: 2,
} as const

/** Money is in cents. What a customer or a shelf began with stays on record, so that every row can be audited. */
const TABLES = [
  `CREATE TABLE customers (
    id INT PRIMARY KEY,
    name VARCHAR(80) NOT NULL,
    email VARCHAR(120) NOT NULL UNIQUE,
    city VARCHAR(60) NOT NULL
  )`,
  `CREATE TABLE wallets (
    customer_id INT PRIMARY KEY,
    opened_with BIGINT NOT NULL,
    balance BIGINT NOT NULL,
    FOREIGN KEY (customer_id) REFERENCES customers (id)
  )`,
  `CREATE TABLE products (
    id INT PRIMARY KEY,
    name VARCHAR(80) NOT NULL,
    price INT NOT NULL,
    delivered INT NOT NULL,
    stock INT NOT NULL
  )`,
  `CREATE TABLE orders (
    id INT PRIMARY KEY AUTO_INCREMENT,
    customer_id INT NOT NULL,
    total BIGINT NOT NULL,
    status ENUM('paid', 'invoiced') NOT NULL DEFAULT 'paid',
    created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    KEY of_customer (customer_id, id),
    FOREIGN KEY (customer_id) REFERENCES customers (id)
  )`,
  `CREATE TABLE order_items (
    order_id INT NOT NULL,
    product_id INT NOT NULL,
    quantity INT NOT NULL,
    price INT NOT NULL,
    PRIMARY KEY (order_id, product_id),
    KEY of_product (product_id, quantity),
    FOREIGN KEY (order_id) REFERENCES orders (id),
    FOREIGN KEY (product_id) REFERENCES products (id)
  )`,
  `CREATE TABLE invoices (
    order_id INT PRIMARY KEY,
    amount BIGINT NOT NULL,
    FOREIGN KEY (order_id) REFERENCES orders (id)
  )`,
]

const OPENED_WITH = 5_000_000
const DELIVERED = 100_000
const ROWS_PER_INSERT = 2500

type Value = string | number
type Table = readonly (readonly Value[])[]

/** Makes the database anew and fills it; the same rows every time. Returns how many. */
export async function loadShop(connection: Connection, database: string): Promise<number> {
  await connection.query(`DROP DATABASE IF EXISTS \`${database}\``)
  await connection.query(`CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4`)
  await connection.query(`USE \`${database}\``)
  for (const table of TABLES) await connection.query(table)

  let loaded = 0
  // The rows refer to one another correctly; the server need not check each while it loads.
  await connection.query('SET foreign_key_checks = 0, unique_checks = 0')
  await connection.query('START TRANSACTION')
  for (const [table, rows] of Object.entries(makeShop(seededRandom(1)))) {
    for (let at = 0; at < rows.length; at += ROWS_PER_INSERT) {
      const values = [rows.slice(at, at + ROWS_PER_INSERT)]
      await connection.query(`INSERT INTO ${table} VALUES ?`, values)
    }
    loaded += rows.length
  }
  await connection.query('COMMIT')
  await connection.query('SET foreign_key_checks = 1, unique_checks = 1')
  return loaded
}

function makeShop(random: Random): Record<string, Table> {
  const balances = Array<number>(SHOP.customers).fill(OPENED_WITH)
  const stock = Array<number>(SHOP.products).fill(DELIVERED)
  const prices = stock.map(() => 100 + random.below(4900))
  const orders: Value[][] = []
  const items: Value[][] = []
  const pick = picker(random, SHOP)

  for (let order = 1; order <= SHOP.orders; order++) {
    const customer = pick.customer()
    let total = 0
    for (const { product, quantity } of pick.basket(SHOP.itemsPerOrder)) {
      const price = prices[product - 1]!
      items.push([order, product, quantity, price])
      stock[product - 1]! -= quantity
      total += price * quantity
    }
    balances[customer - 1]! -= total
    orders.push([order, customer, total, 'paid', '2026-01-01 12:00:00.000'])
  }

  return {
    customers: balances.map((_, i) => [
      i + 1,
      `Customer ${i + 1}`,
      `c${i + 1}@example.org`,
      'Zürich',
    ]),
    wallets: balances.map((balance, i) => [i + 1, OPENED_WITH, balance]),
    products: stock.map((left, i) => [i + 1, `Product ${i + 1}`, prices[i]!, DELIVERED, left]),
    orders,
    order_items: items,
  }
}
