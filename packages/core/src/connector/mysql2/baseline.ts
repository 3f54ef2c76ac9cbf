import { escape, escapeId, type RowDataPacket } from 'mysql2'

/** The session as it was right after connecting and the user's set-up: what a reset has to restore. */
export interface Baseline {
  readonly variables: ReadonlyMap<string, string | null>
  readonly database: string | null
  /** Undefined where the server has no roles. */
  readonly role: string | null | undefined
  readonly tracking: boolean
  readonly readOnly: string
}

/**
 * What COM_RESET_CONNECTION does not restore to what the handshake had set up: MySQL goes back to the
 * server's default charset, MariaDB to the handshake's, both drop the sql_mode that mysql2's handshake
 * asks for (IGNORE_SPACE).
 */
const RESTORED = [
  'character_set_client',
  'character_set_results',
  'collation_connection',
  'time_zone',
  'autocommit',
] as const

export async function readBaseline(
  select: (sql: string) => Promise<RowDataPacket[]>,
  withoutRoles: boolean,
  tracking: boolean,
): Promise<Baseline> {
  const variables = [...RESTORED, 'sql_mode'].map((name) => `@@${name} AS ${name}`).join(', ')
  const role = withoutRoles ? '' : ', CURRENT_ROLE() AS current_role_name'
  const [row]: Record<string, string | number | null>[] = await select(
    `SELECT ${variables}, @@global.read_only AS read_only, DATABASE() AS database_name${role}`,
  )
  if (!row) throw new Error('the server did not answer a SELECT of its own variables')
  return {
    variables: new Map([...RESTORED, 'sql_mode'].map((name) => [name, textOrNull(row[name])])),
    database: textOrNull(row['database_name']),
    role: withoutRoles ? undefined : textOrNull(row['current_role_name']),
    tracking,
    readOnly: String(row['read_only']),
  }
}

/**
 * The statements that follow COM_RESET_CONNECTION. No reset takes back `SET ROLE`, nor `USE` where no
 * database was chosen before. The server compares both for us: where they differ, the assignment of
 * sql_mode is invalid, the reset fails, and the pool throws the connection away.
 */
export function restoreStatements(baseline: Baseline): string[] {
  const { variables, database, role, tracking } = baseline
  const assignments = RESTORED.map((name) => `${name} = ${literal(variables.get(name))}`)
  const same = [`DATABASE() <=> ${literal(database)}`]
  if (role !== undefined) same.push(`CURRENT_ROLE() <=> ${literal(role)}`)
  const mode = literal(variables.get('sql_mode'))
  assignments.push(`sql_mode = IF(${same.join(' AND ')}, ${mode}, 'database or role changed')`)
  if (tracking) assignments.push('session_track_state_change = ON')
  return [
    ...(database === null ? [] : [`USE ${escapeId(database, true)}`]),
    `SET ${assignments.join(', ')}`,
  ]
}

function literal(value: string | null | undefined): string {
  if (value == null) return 'NULL'
  // `autocommit` refuses a quoted number.
  return /^\d+$/.test(value) ? value : escape(value)
}

function textOrNull(value: string | number | null | undefined): string | null {
  return value == null ? null : String(value)
}
