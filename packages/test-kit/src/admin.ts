import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { createConnection } from 'mysql2/promise'

import { databaseUrl, type DatabaseAddress } from './database-address.ts'

/** A database of a test's own. */
export interface TestDatabase {
  readonly name: string
  readonly uri: string
  drop(): Promise<void>
}

export type Row = Record<string, unknown>

/** Runs one statement on a connection of its own; a statement without a result set gives no rows. */
export async function adminQuery(server: DatabaseAddress, sql: string): Promise<Row[]> {
  const connection = await createConnection({ uri: server.uri() })
  try {
    const [rows] = await connection.query(sql)
    return Array.isArray(rows) ? (rows as Row[]) : []
  } finally {
    // Not `destroy`: the server must have forgotten this connection when we go on to count connections.
    await connection.end()
  }
}

/** A new utf8mb4 database with a name that no other test has; `name` is a readable part of it. */
export async function createDatabase(
  server: DatabaseAddress,
  name = 'test',
): Promise<TestDatabase> {
  const unique = `${name.replace(/\W/g, '_').slice(0, 40)}_${randomBytes(6).toString('hex')}`
  await adminQuery(server, `CREATE DATABASE \`${unique}\` CHARACTER SET utf8mb4`)
  return {
    name: unique,
    uri: server.uri(unique),
    drop: async () => {
      await adminQuery(server, `DROP DATABASE IF EXISTS \`${unique}\``)
    },
  }
}

/** A counter of SHOW GLOBAL STATUS, such as `Aborted_clients`. */
export async function serverStatus(server: DatabaseAddress, name: string): Promise<number> {
  const rows = await adminQuery(server, `SHOW GLOBAL STATUS LIKE '${name}'`)
  const value = rows[0]?.['Value']
  if (value === undefined) throw new Error(`The server has no status variable ${name}`)
  return Number(value)
}

/**
 * How many connections the server has, without the one that asks. On a shared server other tests' count too:
 * give the name of your database to count those that are in it.
 */
export async function threadsConnected(
  server: DatabaseAddress,
  database?: string,
): Promise<number> {
  if (database === undefined) return (await serverStatus(server, 'Threads_connected')) - 1
  const rows = await adminQuery(
    server,
    `SELECT COUNT(*) AS n FROM information_schema.processlist WHERE db = '${database}'`,
  )
  return Number(rows[0]?.['n'])
}

/** The server answers from a cache until 100 ms have passed since anybody's last read. */
const TRX_CACHE = 120
const lastTrxRead = new Map<string, number>()

/**
 * How many InnoDB transactions are open, those of connections in `database` if given. A transaction counts
 * from its first access to a table.
 */
export async function openTransactions(
  server: DatabaseAddress,
  database?: string,
): Promise<number> {
  const key = `${server.host}:${server.port}`
  await sleep(Math.max(0, (lastTrxRead.get(key) ?? 0) + TRX_CACHE - Date.now()))
  const where = database === undefined ? '' : `WHERE p.db = '${database}'`
  try {
    const rows = await adminQuery(
      server,
      `SELECT COUNT(*) AS n FROM information_schema.innodb_trx t
       LEFT JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id ${where}`,
    )
    return Number(rows[0]?.['n'])
  } finally {
    lastTrxRead.set(key, Date.now())
  }
}

/** Resolves if the private server on this port accepts queries. */
export async function pingDatabase(port: number): Promise<void> {
  const connection = await createConnection({
    uri: databaseUrl('127.0.0.1', port, 'root', ''),
    connectTimeout: 2000,
  })
  try {
    await connection.query('SELECT 1')
  } finally {
    await connection.end()
  }
}
