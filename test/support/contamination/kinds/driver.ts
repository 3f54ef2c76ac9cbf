import { promisify } from 'node:util'

import type { Connection, PrepareStatementInfo } from 'mysql2'

import type { Kind } from '../kind.ts'
import { DATABASE, ELSEWHERE } from '../world.ts'

/** What goes through mysql2's own connection, past the lease's methods. */
export const driver: readonly Kind[] = [
  {
    name: 'beginTransaction, by callback',
    raw: true,
    dirty: async ({ connection }) => {
      await promisify(connection.beginTransaction).call(connection)
      await run(connection, "INSERT INTO ledger (id, note) VALUES (900, '')")
    },
  },
  {
    name: 'beginTransaction, by promise',
    raw: true,
    dirty: ({ connection }) => connection.promise().beginTransaction(),
  },
  {
    name: 'statements queued one behind the other',
    raw: true,
    dirty: ({ connection }) => {
      connection.query('SET @dirty = 1')
      connection.query('SELECT 1')
      connection.query("SET time_zone = '+05:00'")
      return run(connection, 'SELECT 2')
    },
  },
  {
    name: 'changeUser to another user',
    raw: true,
    replaced: 'the pool knows the password of its own user only',
    dirty: ({ connection }) =>
      connection.promise().changeUser({ user: 'guest', password: '', database: DATABASE }),
  },
  {
    name: 'changeUser to another database',
    raw: true,
    replaced: 'mysql2 rewrites the settings of its connection',
    dirty: ({ connection }) => connection.promise().changeUser({ database: ELSEWHERE }),
  },
  {
    name: 'changeUser to another charset',
    raw: true,
    replaced: 'mysql2 rewrites the settings of its connection',
    dirty: ({ connection }) => connection.promise().changeUser({ charset: 'latin1_swedish_ci' }),
  },
  {
    name: 'mysql2’s own reset',
    raw: true,
    dirty: async ({ connection }) => {
      await run(connection, 'SET @dirty = 1')
      await promisify(connection.reset).call(connection)
      await run(connection, `USE ${ELSEWHERE}`)
    },
  },
  {
    name: 'a prepared statement that is executed',
    raw: true,
    dirty: async ({ connection }) => {
      const prepared = await prepare(connection, 'SET @dirty = ?')
      await promisify((done: (error: Error | null) => void) =>
        prepared.execute([1], done as never),
      )()
      prepared.close()
    },
  },
  {
    name: 'a prepared statement that is closed, and prepared again by the next borrower',
    raw: true,
    dirty: async ({ connection }) => {
      // The fingerprint's.
      const prepared = await prepare(connection, 'SELECT ? AS back, HEX(?) AS bytes')
      prepared.close()
    },
  },
  {
    name: 'settings of mysql2’s connection',
    raw: true,
    dirty: async ({ connection }) => {
      // A lease refuses it, mysql2's own connection does not.
      Reflect.set(connection.config, 'rowsAsArray', true)
    },
  },
]

function run(connection: Connection, sql: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    connection.query(sql, (error, rows) => (error ? reject(error) : resolve(rows)))
  })
}

function prepare(connection: Connection, sql: string): Promise<PrepareStatementInfo> {
  return new Promise((resolve, reject) => {
    connection.prepare(sql, (error, prepared) => (error ? reject(error) : resolve(prepared)))
  })
}
