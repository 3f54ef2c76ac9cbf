import { poolOptionsFromEnv } from '@lifeguard/core'
import type { ConnectionOptions } from 'mysql2/promise'

type Env = Readonly<Record<string, string | undefined>>

export interface DatabaseAddress {
  /** `host:port`, for people. */
  readonly target: string
  readonly options: ConnectionOptions
}

/**
 * Where `--db` connects to: its URL, or else what the environment tells the app, so that no password need stand on a
 * command line. Throws with words for people.
 */
export function databaseAddress(url: string | true, env: Env): DatabaseAddress {
  return url === true ? fromEnv(env) : fromUrl(url)
}

function fromUrl(url: string): DatabaseAddress {
  if (!URL.canParse(url) || !/^(?:mysql|mariadb):$/.test(new URL(url).protocol)) {
    throw new Error('--db: expected mysql://user:password@host:port/database')
  }
  const { hostname, port } = new URL(url)
  return { target: `${hostname}:${port || 3306}`, options: { uri: url } }
}

function fromEnv(env: Env): DatabaseAddress {
  const { uri, host, port = 3306, user, password, database } = poolOptionsFromEnv(env)
  if (uri !== undefined) return fromUrl(uri)
  if (host === undefined) {
    throw new Error('--db: which server? Set DATABASE_URL or DB_HOST, or give a URL')
  }
  const options = { host, port, user, password, database } as ConnectionOptions
  return { target: `${host}:${port}`, options }
}
