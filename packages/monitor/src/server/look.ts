import { digestOf } from '@lifeguard/core/inspect'
import type { Connection, RowDataPacket } from 'mysql2/promise'

import type { LockWait, ServerSession, ServerView } from './server-view.ts'

const VARIABLES = ['max_connections', 'wait_timeout', 'version', 'performance_schema']
const STATUS = [
  'Threads_connected',
  'Threads_running',
  'Max_used_connections',
  'Aborted_connects',
  'Connection_errors_max_connections',
]

const BLOCKERS = `r.trx_mysql_thread_id AS waiting, b.trx_mysql_thread_id AS blocking,
  TIMESTAMPDIFF(SECOND, r.trx_wait_started, NOW()) AS seconds`
const LOCK_WAITS_OF_MARIADB = `SELECT ${BLOCKERS} FROM information_schema.INNODB_LOCK_WAITS w
  JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id
  JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id`
const LOCK_WAITS_OF_MYSQL = `SELECT ${BLOCKERS} FROM performance_schema.data_lock_waits w
  JOIN information_schema.INNODB_TRX r ON r.trx_id = w.REQUESTING_ENGINE_TRANSACTION_ID
  JOIN information_schema.INNODB_TRX b ON b.trx_id = w.BLOCKING_ENGINE_TRANSACTION_ID`

/** Asks a server how it is. Takes what it is allowed to see, and tells what it is not. */
export async function lookAtServer(connection: Connection, target: string): Promise<ServerView> {
  const variables = await namedValues(connection, 'VARIABLES', VARIABLES)
  const status = await namedValues(connection, 'STATUS', STATUS)
  const version = variables.get('version') ?? ''
  const isMariadb = /mariadb/i.test(version)
  const number = (values: Map<string, string>, name: string): number =>
    Number(values.get(name.toLowerCase()) ?? 0)
  const blind: string[] = []
  if (!isMariadb && variables.get('performance_schema') === 'OFF') {
    blind.push('lock waits: performance_schema is off')
  }
  return {
    target,
    version,
    threadId: connection.threadId,
    limits: {
      maxConnections: number(variables, 'max_connections'),
      maxUserConnections: await ownLimit(connection),
      waitTimeoutMs: number(variables, 'wait_timeout') * 1000,
    },
    use: {
      threadsConnected: number(status, 'Threads_connected'),
      threadsRunning: number(status, 'Threads_running'),
      maxUsedConnections: number(status, 'Max_used_connections'),
      abortedConnects: number(status, 'Aborted_connects'),
      refusedConnections: number(status, 'Connection_errors_max_connections'),
    },
    sessions: await sessionsOf(connection),
    lockWaits: await lockWaitsOf(connection, isMariadb).catch((error: unknown) => {
      blind.push(`lock waits: ${whyBlind(error, isMariadb)}`)
      return []
    }),
    blind,
  }
}

async function namedValues(
  connection: Connection,
  what: 'VARIABLES' | 'STATUS',
  names: readonly string[],
): Promise<Map<string, string>> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SHOW GLOBAL ${what} WHERE Variable_name IN (?)`,
    [names],
  )
  const pairs = rows as { Variable_name: string; Value: string }[]
  return new Map(pairs.map(({ Variable_name: name, Value: value }) => [name.toLowerCase(), value]))
}

/** Of the user who looks: its account's own, or everybody's. */
async function ownLimit(connection: Connection): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT @@max_user_connections AS most')
  return Number(rows[0]?.['most'] ?? 0)
}

async function sessionsOf(connection: Connection): Promise<ServerSession[]> {
  const [rows] = await connection.query<RowDataPacket[]>('SHOW FULL PROCESSLIST')
  return rows.map((row) => ({
    threadId: Number(row['Id']),
    user: String(row['User']),
    host: String(row['Host'] ?? ''),
    database: textOf(row['db']),
    command: String(row['Command']),
    timeMs: Math.max(0, Number(row['Time'] ?? 0)) * 1000,
    state: String(row['State'] ?? ''),
    statement: row['Info'] === null ? undefined : digestOf(String(row['Info'])),
  }))
}

async function lockWaitsOf(connection: Connection, mariadb: boolean): Promise<LockWait[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    mariadb ? LOCK_WAITS_OF_MARIADB : LOCK_WAITS_OF_MYSQL,
  )
  return rows.map((row) => ({
    waitingThreadId: Number(row['waiting']),
    blockingThreadId: Number(row['blocking']),
    waitedMs: Math.max(0, Number(row['seconds'] ?? 0)) * 1000,
  }))
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function whyBlind(error: unknown, isMariadb: boolean): string {
  const { code = 'failed' } = error as { readonly code?: string }
  if (!/DENIED/.test(code)) return code
  const needed = 'the privilege PROCESS'
  return isMariadb ? `they need ${needed}` : `they need ${needed} and SELECT on performance_schema`
}
