import { waitFor } from '@lifeguard/test-kit'

import type { Borrowed } from './kind.ts'
import { DATABASE, ELSEWHERE, type World } from './world.ts'

/** Everything about a session that a borrower could notice. */
export type Fingerprint = Readonly<Record<string, unknown>>

type Asked = Pick<Borrowed, 'query' | 'execute'>
type Rows = Record<string, unknown>[]

/** Written in two charsets' worth of trouble: two bytes and four bytes in UTF-8. */
const TEXT = 'é😀'

/** What no seed but `SET rand_seed1 = 1, rand_seed2 = 1` makes of the first random number. */
const PREDICTED = 3.725290303e-9
export const FORCED_INSERT_ID = 4711

const IN_TRANSACTION = 1

/** For what the server does in the background, in milliseconds. */
const A_WHILE = 200

/**
 * Names of variables that differ between any two sessions, or tell of the last statement only. What the
 * first ones would give away is asked for apart: `clock`, `predictable`, `pseudoThreadId`.
 */
const NOISE =
  /^(timestamp|rand_seed[12]|pseudo_thread_id|warning_count|error_count|statement_id|gtid_.*|in_transaction)$/

/**
 * Looks at a session from inside and from outside. The order matters: a look must not destroy what the next
 * one is for. A transaction ends `LOCK TABLES`, and consumes what `SET TRANSACTION` left for it.
 */
export async function fingerprint(asked: Asked, world: World): Promise<Fingerprint> {
  const found = {
    status: await statusFlags(asked),
    outside: await fromOutside(world),
    firstTransaction: await firstTransaction(asked, world),
    kept: await keptObjects(asked, world),
    identity: await identity(asked),
    text: await trips(asked),
    variables: await sessionVariables(asked),
    userVariables: await userVariables(asked, world),
    traces: await traces(asked),
    predictable: await predictable(asked),
  }
  // As it comes through HTTP.
  return JSON.parse(JSON.stringify(found)) as Fingerprint
}

/** The rows, of a statement without rows its header, or the code of the error. */
async function ask(asked: Pick<Asked, 'query'>, sql: string, values?: unknown): Promise<unknown> {
  try {
    const [answer] = (await asked.query(sql, values)) as [unknown]
    return answer
  } catch (error) {
    const { code } = error as { code?: string }
    // What the pool itself says is no state of a session.
    if (code === undefined || code.startsWith('ERR_')) throw error
    return code
  }
}

function askBystander({ bystander }: World, sql: string): Promise<unknown> {
  return ask({ query: () => bystander.query(sql) }, sql)
}

/** Of a statement's answer: in a transaction, autocommit, backslashes. */
async function statusFlags(asked: Asked): Promise<unknown> {
  const answer = await ask(asked, 'DO 0')
  return (answer as { serverStatus?: number }).serverStatus ?? answer
}

/** What a lock of the session's would keep others from. */
async function fromOutside(world: World): Promise<unknown> {
  return {
    rows: await rowsAreFree(world),
    definitions: await (world.flavor === 'mariadb'
      ? definitionIsFree(world)
      : metadataLocks(world)),
    lock: await askBystander(world, "SELECT IS_USED_LOCK('dirty_lock') AS holder"),
    running: await stillRunning(world),
  }
}

/** The server rolls back what a closed connection held when it notices that it is closed. */
function rowsAreFree(world: World): Promise<unknown> {
  const lock = `SELECT id FROM ${DATABASE}.ledger FOR UPDATE NOWAIT`
  return onceCalm(world, lock, (answer) => typeof answer !== 'string')
}

/** The purge of old rows takes the table's lock, too, for a moment. */
function definitionIsFree(world: World): Promise<unknown> {
  const alter = `ALTER TABLE ${DATABASE}.ledger NOWAIT COMMENT = 'seen from outside'`
  return onceCalm(world, alter, (answer) => typeof answer !== 'string')
}

function metadataLocks(world: World): Promise<unknown> {
  return askBystander(
    world,
    `SELECT object_type, object_schema, object_name, lock_type FROM performance_schema.metadata_locks
     JOIN performance_schema.threads ON thread_id = owner_thread_id
     -- The server's own threads lock tables, too, for their statistics.
     WHERE type = 'FOREGROUND' AND thread_id <> PS_CURRENT_THREAD_ID()
     ORDER BY 1, 2, 3, 4`,
  )
}

/** A statement may be listed for a moment after its answer. */
function stillRunning(world: World): Promise<unknown> {
  return onceCalm(
    world,
    `SELECT info FROM information_schema.processlist
     WHERE command IN ('Query', 'Execute') AND id <> CONNECTION_ID()`,
    (answer) => (answer as Rows).length === 0,
  )
}

/** The answer as soon as it is calm, or what it still is after a while. */
async function onceCalm(
  world: World,
  sql: string,
  isCalm: (answer: unknown) => boolean,
): Promise<unknown> {
  let answer: unknown
  const asked = async (): Promise<boolean> => {
    answer = await askBystander(world, sql)
    return isCalm(answer)
  }
  await waitFor(asked, { timeout: A_WHILE, every: 5 }).catch(() => {})
  return answer
}

async function firstTransaction(asked: Asked, world: World): Promise<unknown> {
  const isOpen = (Number(await statusFlags(asked)) & IN_TRANSACTION) !== 0
  const began = isOpen ? 'it is open' : await ask(asked, 'BEGIN')
  const ledger = await ask(asked, `SELECT id, note FROM ${DATABASE}.ledger`)
  // Under SERIALIZABLE, reading locks.
  const locksWhatItReads = await askBystander(
    world,
    `SELECT id FROM ${DATABASE}.ledger WHERE id = 1 FOR UPDATE NOWAIT`,
  )
  const write = await ask(asked, `INSERT INTO ${DATABASE}.ledger (id, note) VALUES (3, '')`)
  return { began, ledger, locksWhatItReads, write, ended: await ask(asked, 'ROLLBACK') }
}

/** What has a name, so that only asking for it finds it. */
async function keptObjects(asked: Asked, world: World): Promise<unknown> {
  const byName = {
    temporary: await ask(asked, `SELECT * FROM ${DATABASE}.dirty_temporary`),
    temporaryElsewhere: await ask(asked, `SELECT * FROM ${ELSEWHERE}.dirty_temporary`),
    handler: await ask(asked, 'HANDLER dirty_handler READ FIRST'),
    statement: await ask(asked, 'EXECUTE dirty_statement'),
    savepoint: await ask(asked, 'ROLLBACK TO SAVEPOINT dirty_savepoint'),
  }
  if (world.flavor === 'mariadb') {
    return {
      ...byName,
      sequence: await ask(asked, `SELECT LASTVAL(${DATABASE}.dirty_sequence) AS last`),
    }
  }
  return {
    ...byName,
    statements: await ask(
      asked,
      `SELECT statement_name FROM performance_schema.prepared_statements_instances
       WHERE owner_thread_id = PS_CURRENT_THREAD_ID() AND statement_name IS NOT NULL`,
    ),
    resourceGroup: await ask(
      asked,
      'SELECT resource_group FROM performance_schema.threads WHERE processlist_id = CONNECTION_ID()',
    ),
  }
}

async function identity(asked: Asked): Promise<unknown> {
  return ask(
    asked,
    `SELECT DATABASE() AS db, CURRENT_ROLE() AS role, CURRENT_USER() AS user,
       @@pseudo_thread_id = CONNECTION_ID() AS pseudoThreadId,
       CONNECTION_ID() IN (SELECT id FROM information_schema.processlist) AS threadId,
       ABS(TIMESTAMPDIFF(SECOND, NOW(), SYSDATE())) < 60 AS clock,
       LAST_INSERT_ID() AS lastInsertId`,
  )
}

/** The text there and back, as both protocols carry it, and what the server makes of it meanwhile. */
async function trips(asked: Asked): Promise<unknown> {
  const look = 'AS back, HEX(?) AS bytes, CHARSET(?) AS charset, COLLATION(?) AS collation'
  const [prepared] = (await asked
    .execute('SELECT ? AS back, HEX(?) AS bytes', [TEXT, TEXT])
    .catch((error: Error) => [error.message])) as [unknown]
  await ask(asked, 'BEGIN')
  const stored = await ask(asked, `INSERT INTO ${DATABASE}.ledger (id, note) VALUES (3, '${TEXT}')`)
  const found = await ask(
    asked,
    `SELECT note, HEX(note) AS bytes FROM ${DATABASE}.ledger WHERE id = 3`,
  )
  await ask(asked, 'ROLLBACK')
  return {
    asText: await ask(asked, `SELECT ? ${look}`, [TEXT, TEXT, TEXT, TEXT]),
    prepared,
    stored,
    found,
  }
}

async function sessionVariables(asked: Asked): Promise<unknown> {
  const rows = await ask(asked, 'SHOW SESSION VARIABLES')
  if (!Array.isArray(rows)) return rows
  const variables = (rows as Rows).map((row) => [row['Variable_name'] as string, row['Value']])
  return Object.fromEntries(variables.filter(([name]) => !NOISE.test(name as string)))
}

async function userVariables(asked: Asked, world: World): Promise<unknown> {
  const named = await ask(asked, 'SELECT @dirty AS dirty, @dirtier AS dirtier')
  const all = await ask(
    asked,
    world.flavor === 'mariadb'
      ? 'SELECT variable_name FROM information_schema.user_variables ORDER BY 1'
      : `SELECT variable_name FROM performance_schema.user_variables_by_thread
         WHERE thread_id = PS_CURRENT_THREAD_ID() ORDER BY 1`,
  )
  return { named, all }
}

/** What the server remembers of statements: other people's, perhaps. */
async function traces(asked: Asked): Promise<unknown> {
  return {
    optimizer: await ask(asked, 'SELECT query FROM information_schema.optimizer_trace'),
    profiles: await ask(asked, 'SHOW PROFILES'),
  }
}

/** Last, since it leaves marks: what `SET` can arrange for the next random number and the next id. */
async function predictable(asked: Asked): Promise<unknown> {
  const random = await ask(asked, 'SELECT RAND() AS random')
  await ask(asked, 'BEGIN')
  const inserted = await ask(asked, `INSERT INTO ${DATABASE}.counter () VALUES ()`)
  await ask(asked, 'ROLLBACK')
  return {
    random:
      Array.isArray(random) &&
      Math.abs(((random as Rows)[0]?.['random'] as number) - PREDICTED) < 1e-8,
    insertId: (inserted as { insertId?: number }).insertId === FORCED_INSERT_ID,
  }
}
