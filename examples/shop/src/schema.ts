import type { Pool } from '@lifeguard/core'

const TABLES = [
  `CREATE TABLE IF NOT EXISTS orders (
     id INT AUTO_INCREMENT PRIMARY KEY, customer VARCHAR(100) NOT NULL, total INT NOT NULL,
     cancelled BOOL NOT NULL DEFAULT FALSE)`,
  // What is to be told to the workers, written in the transaction that it is about.
  'CREATE TABLE IF NOT EXISTS outbox (order_id INT PRIMARY KEY)',
  'CREATE TABLE IF NOT EXISTS invoice (order_id INT PRIMARY KEY, total INT NOT NULL)',
  'CREATE TABLE IF NOT EXISTS mail (order_id INT PRIMARY KEY, customer VARCHAR(100) NOT NULL)',
]

export async function createTables(pool: Pool): Promise<void> {
  for (const table of TABLES) await pool.query(table)
}
