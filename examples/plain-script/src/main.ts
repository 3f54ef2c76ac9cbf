// Moves money between accounts, ten transfers at a time over at most four connections.
//
//   DATABASE_URL=mysql://user:password@localhost/bank node dist/main.js

import { createPool, poolOptionsFromEnv } from '@lifeguard/core'
import type { ResultSetHeader, RowDataPacket } from 'mysql2'

const pool = createPool({ ...poolOptionsFromEnv(), min: 1, max: 4 })

await pool.query('CREATE TABLE IF NOT EXISTS account (id INT PRIMARY KEY, balance INT NOT NULL)')
await pool.query('REPLACE INTO account VALUES (1, 100), (2, 100)')

async function transfer(from: number, to: number, amount: number): Promise<void> {
  await pool.transaction(async (tx) => {
    const take = 'UPDATE account SET balance = balance - ? WHERE id = ? AND balance >= ?'
    const [taken] = await tx.query<ResultSetHeader>(take, [amount, from, amount])
    if (taken.affectedRows === 0) throw new Error(`account ${from} has less than ${amount}`)
    await tx.query('UPDATE account SET balance = balance + ? WHERE id = ?', [amount, to])
  })
}

// Twelve times ten is more than there is: two of them fail, and leave nothing behind.
const transfers = Array.from({ length: 12 }, () => transfer(1, 2, 10))
const failed = (await Promise.allSettled(transfers)).filter(({ status }) => status === 'rejected')

const [accounts] = await pool.query<RowDataPacket[]>('SELECT id, balance FROM account ORDER BY id')
const { created, acquired, reuseRate } = pool.stats()
console.log(`${failed.length} transfers failed`)
console.log(accounts.map(({ id, balance }) => `account ${id}: ${balance}`).join(', '))
console.log(`${acquired} uses of ${created} connections, ${Math.round(reuseRate * 100)} % reused`)

await pool.end()
