import { codeOf } from '../errors.ts'

/**
 * What a failed connect means for the next one.
 * - `full`: the server has no connection left for us; those that we have are fine.
 * - `refused`: the server answers and says no (password, database, host); trying harder won't help.
 * - `unreachable`: anything else; it may come back at any moment.
 */
export type ConnectFailure = 'full' | 'refused' | 'unreachable'

const FULL: ReadonlySet<string> = new Set([
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_USER_LIMIT_REACHED',
])

const REFUSED: ReadonlySet<string> = new Set([
  'ER_ACCESS_DENIED_ERROR',
  'ER_ACCESS_DENIED_NO_PASSWORD_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_BAD_DB_ERROR',
  'ER_HOST_IS_BLOCKED',
  'ER_HOST_NOT_PRIVILEGED',
  'ER_NOT_SUPPORTED_AUTH_MODE',
  'ER_PLUGIN_IS_NOT_LOADED',
  'ER_MUST_CHANGE_PASSWORD_LOGIN',
  'ER_ACCOUNT_HAS_BEEN_LOCKED',
  'AUTH_SWITCH_PLUGIN_ERROR',
  'HANDSHAKE_NO_SSL_SUPPORT',
])

export function classifyConnectFailure(error: unknown): ConnectFailure {
  const code = codeOf(error)
  if (code === undefined) return 'unreachable'
  if (FULL.has(code)) return 'full'
  return REFUSED.has(code) ? 'refused' : 'unreachable'
}
