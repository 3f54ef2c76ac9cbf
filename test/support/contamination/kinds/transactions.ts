import { waitFor } from '@lifeguard/test-kit'
import type { Connection, RowDataPacket } from 'mysql2/promise'

import { sql, swallow, type Kind } from '../kind.ts'

const WRITE = "INSERT INTO ledger (id, note) VALUES (900, 'uncommitted')"
const DUPLICATE = "INSERT INTO ledger (id, note) VALUES (1, 'a duplicate')"

const XA = 'an XA transaction survives both ROLLBACK and reset'

export const transactions: readonly Kind[] = [
  sql('an open transaction with uncommitted rows', ['BEGIN', WRITE]),
  sql('an open transaction that only read', ['START TRANSACTION', 'SELECT * FROM ledger']),
  sql('a snapshot', 'START TRANSACTION WITH CONSISTENT SNAPSHOT'),
  sql('a read-only transaction', 'START TRANSACTION READ ONLY'),
  sql('rows locked by SELECT … FOR UPDATE', ['BEGIN', 'SELECT * FROM ledger FOR UPDATE']),
  sql('a savepoint in an open transaction', ['BEGIN', WRITE, 'SAVEPOINT dirty_savepoint']),
  sql('a transaction rolled back to a savepoint', [
    'BEGIN',
    'SAVEPOINT dirty_savepoint',
    WRITE,
    'ROLLBACK TO SAVEPOINT dirty_savepoint',
  ]),
  sql('COMMIT AND CHAIN', ['BEGIN', 'COMMIT AND CHAIN', WRITE]),
  sql('completion_type CHAIN', ["SET completion_type = 'CHAIN'", 'BEGIN', 'COMMIT', WRITE]),
  sql('autocommit off', 'SET autocommit = 0'),
  sql('a read under autocommit off', ['SET autocommit = 0', 'SELECT * FROM ledger']),
  sql('a write under autocommit off', ['SET autocommit = 0', WRITE]),
  sql('a commit under autocommit off', ['SET autocommit = 0', 'SELECT * FROM ledger', 'COMMIT']),
  {
    name: 'an error under autocommit off',
    dirty: async (borrowed) => {
      await borrowed.query('SET autocommit = 0')
      await swallow(borrowed.query(DUPLICATE))
    },
  },
  sql('an isolation level', 'SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED'),
  sql(
    'an isolation level under which reading locks',
    'SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE',
  ),
  sql('an access mode', 'SET SESSION TRANSACTION READ ONLY'),
  sql('SET TRANSACTION, an isolation level', 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE'),
  sql('SET TRANSACTION, an access mode', 'SET TRANSACTION READ ONLY'),
  {
    name: 'an error in a transaction, swallowed',
    dirty: async (borrowed) => {
      await borrowed.query('BEGIN')
      await borrowed.query(WRITE)
      await swallow(borrowed.query(DUPLICATE))
    },
  },
  {
    name: 'an error in a transaction, swallowed, and a SELECT after it',
    dirty: async (borrowed) => {
      await borrowed.query('BEGIN')
      await borrowed.query(WRITE)
      await swallow(borrowed.query(DUPLICATE))
      await borrowed.query('SELECT * FROM ledger')
    },
  },
  {
    name: 'a syntax error in a transaction, swallowed',
    dirty: async (borrowed) => {
      await borrowed.query('BEGIN')
      await borrowed.query(WRITE)
      await swallow(borrowed.query('SELEKT 1'))
    },
  },
  sql('XA START', ["XA START 'dirty'", WRITE], { replaced: XA }),
  sql('XA END', ["XA START 'dirty'", WRITE, "XA END 'dirty'"], { replaced: XA }),
  sql('XA PREPARE', ["XA START 'dirty'", WRITE, "XA END 'dirty'", "XA PREPARE 'dirty'"], {
    replaced: XA,
    leftBehind: {
      what: 'a prepared transaction waits for its coordinator, whoever prepared it',
      tidy: async ({ bystander }) => {
        await waitFor(() => hasNoSession(bystander), { every: LIST_IS_NEW_MS })
        await bystander.query("XA ROLLBACK 'dirty'")
      },
    },
  }),
]

/** The server's list of transactions is made anew only where nobody has read it for 100 ms. */
const LIST_IS_NEW_MS = 120

/**
 * Whether the prepared transaction has lost its session. MariaDB takes XA ROLLBACK a moment before that, too, and then
 * says OK, forgets the transaction and keeps its locks until it is restarted.
 */
async function hasNoSession(bystander: Connection): Promise<boolean> {
  const [found] = await bystander.query<RowDataPacket[]>(
    'SELECT trx_id FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = 0',
  )
  return found.length > 0
}
