import { sql, swallow, type Kind } from '../kind.ts'

const several = { options: { multipleStatements: true } }

export const statements: readonly Kind[] = [
  sql('several statements at once', "SELECT 1; SET @dirty = 1; SET time_zone = '+05:00'", several),
  sql(
    'several statements, a lock between two reads',
    "SELECT 1; DO GET_LOCK('dirty_lock', 0); SELECT 2",
    several,
  ),
  sql(
    'several statements, one opens a transaction',
    "BEGIN; INSERT INTO ledger VALUES (900, '')",
    several,
  ),
  {
    name: 'several statements, one fails',
    ...several,
    dirty: (borrowed) =>
      swallow(borrowed.query("SET @dirty = 1; BEGIN; INSERT INTO ledger VALUES (1, 'duplicate')")),
  },
  sql('CALL of a procedure that sets state', 'CALL sets_state()'),
  sql('CALL of a procedure that opens a transaction', 'CALL opens_transaction()'),
  {
    name: 'CALL of a procedure that fails in its transaction',
    dirty: (borrowed) => swallow(borrowed.query('CALL fails_midway()')),
  },
  sql('an INSERT whose trigger sets a variable', [
    'BEGIN',
    'INSERT INTO watched (id) VALUES (1)',
    'ROLLBACK',
  ]),
  {
    name: 'a value that is SQL',
    dirty: (borrowed) =>
      borrowed.query('SELECT ? AS got', [{ toSqlString: () => "GET_LOCK('dirty_lock', 0)" }]),
  },
  {
    name: 'a name that is a stored function',
    dirty: (borrowed) => borrowed.query('SELECT ??()', ['takes_lock']),
  },
]
