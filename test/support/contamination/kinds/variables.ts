import { FORCED_INSERT_ID } from '../fingerprint.ts'
import { sql, type Borrowed, type Kind } from '../kind.ts'

const set = (assignment: string, details: Parameters<typeof sql>[2] = {}): Kind =>
  sql(`SET ${assignment}`, `SET ${assignment}`, details)

const user: readonly Kind[] = [
  set('@dirty = 1'),
  sql('a user variable in a SELECT', 'SELECT @dirty := 1'),
  sql('a user variable in a SELECT with a table', 'SELECT id, @dirty := id FROM ledger'),
  sql('SELECT … INTO a user variable', 'SELECT id INTO @dirty FROM ledger WHERE id = 1'),
  sql('SELECT INTO, behind a comment', 'SELECT 1 /* ; */ INTO/**/@dirty'),
  sql('a user variable in an UPDATE', 'UPDATE ledger SET note = (@dirty := note) WHERE id = 1'),
  sql('a user variable in a DO', 'DO @dirty := 1'),
  sql('a user variable of a quoted name', "SET @`dirty` = 1, @'dirtier' = 2"),
  sql('a user variable set by a stored function', 'SELECT sets_variable()'),
  sql('… whose name is quoted', 'SELECT `sets_variable`()'),
  sql('… and qualified', 'SELECT shop . sets_variable ()'),
  sql('… called in a WHERE', 'SELECT id FROM ledger WHERE sets_variable() = 1'),
]

const SOCKET = 'a reset takes the variable back, and leaves the socket as it is'

const system: readonly Kind[] = [
  set("sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'"),
  set("time_zone = '+05:00'"),
  set('foreign_key_checks = 0'),
  set('unique_checks = 0'),
  set('SESSION wait_timeout = 5'),
  set('SESSION max_execution_time = 5000', { servers: ['mysql'] }),
  set('SESSION max_statement_time = 5', { servers: ['mariadb'] }),
  set('@@session.sql_select_limit = 1'),
  set('sql_safe_updates = 1'),
  set('LOCAL group_concat_max_len = 4'),
  set('innodb_lock_wait_timeout = 1'),
  set('max_join_size = 10'),
  set('@@last_insert_id = 77'),
  sql('LAST_INSERT_ID(expression)', 'SELECT LAST_INSERT_ID(77)'),
  set(`insert_id = ${FORCED_INSERT_ID}`),
  set('timestamp = 1000000000'),
  set('rand_seed1 = 1, rand_seed2 = 1'),
  set('pseudo_thread_id = 77'),
  set("lc_messages = 'de_DE', lc_time_names = 'de_DE'"),
  // What the pool itself looks at the session through.
  set('session_track_state_change = OFF', { unseen: 'that is how mysql2 leaves it' }),
  set("session_track_system_variables = '*'"),
  sql('variables behind a switched-off tracking', [
    'SET session_track_state_change = OFF',
    'SET @dirty = 1',
  ]),
  set('net_write_timeout = 1', { replaced: SOCKET }),
  set('net_retry_count = 1', { replaced: SOCKET }),
  set('tcp_nodelay = 0', { servers: ['mariadb'], replaced: SOCKET }),
  sql('a trace of statements', ["SET optimizer_trace = 'enabled=on'", 'SELECT * FROM ledger'], {
    replaced: 'MySQL keeps the trace through a reset',
  }),
  sql('a profile of statements', ['SET profiling = 1', 'SELECT * FROM ledger'], {
    replaced: 'MariaDB goes on profiling after a reset',
  }),
  sql('SET STATEMENT', "SET STATEMENT sql_mode = 'ANSI_QUOTES' FOR SELECT 1", {
    servers: ['mariadb'],
    unseen: 'it ends with its statement',
  }),
  sql('SET STATEMENT for a SET', 'SET STATEMENT max_statement_time = 5 FOR SET @dirty = 1', {
    servers: ['mariadb'],
  }),
  sql('the hint SET_VAR', "SELECT /*+ SET_VAR(sql_mode = 'ANSI_QUOTES') */ 1", {
    servers: ['mysql'],
    unseen: 'it ends with its statement',
  }),
]

/** They have a kind of their own, or (the last) are not the session's at all. */
const NOT_IN_BULK =
  /^(character_set|collation|pseudo|sql_mode|autocommit|profiling$|optimizer_trace$|net_write_timeout|net_retry_count|tcp_nodelay|sql_slave_skip_counter)/

const everyVariable: Kind = {
  name: 'every session variable that the server lets us change',
  dirty: async (borrowed) => {
    const [rows] = (await borrowed.query('SHOW SESSION VARIABLES')) as [
      { Variable_name: string; Value: string }[],
    ]
    let changed = 0
    for (const { Variable_name: name, Value: value } of rows) {
      if (!NOT_IN_BULK.test(name) && (await changes(borrowed, name, value))) changed++
    }
    if (changed < 100) throw new Error(`only ${changed} variables could be changed`)
  },
}

async function changes(borrowed: Borrowed, name: string, value: string): Promise<boolean> {
  for (const other of otherValues(value)) {
    try {
      await borrowed.query(`SET SESSION ${name} = ${other}`)
      return true
    } catch {
      // Read-only, global only, or not a value for it.
    }
  }
  return false
}

function otherValues(value: string): string[] {
  if (value === 'ON') return ['OFF']
  if (value === 'OFF') return ['ON']
  if (!/^\d+(\.\d+)?$/.test(value)) return []
  return [`${Number(value) + 1}`, `${Math.trunc(Number(value) / 2)}`]
}

export const variables: readonly Kind[] = [...user, ...system, everyVariable]
