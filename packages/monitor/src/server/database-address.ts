import type { NetConnectOpts } from 'node:net'

import { type PoolOptions, poolOptionsFromEnv } from '@lifeguard/core'
import type { ConnectionOptions } from 'mysql2/promise'

import { CommandError, ExitCode } from '../exit-code.ts'

type Env = Readonly<Record<string, string | undefined>>

export interface DatabaseAddress {
  /** `host:port`, or the path of a socket, for people. */
  readonly target: string
  readonly endpoint: NetConnectOpts
  readonly options: ConnectionOptions
}

/**
 * Where `--db` connects to: its URL, or else what the environment tells the app, so that no password need stand on a
 * command line.
 *
 * @throws CommandError that says what is missing or wrong.
 */
export function databaseAddress(url: string | true, env: Env): DatabaseAddress {
  return url === true ? fromEnv(env) : fromUrl(url)
}

function fromUrl(url: string): DatabaseAddress {
  if (!URL.canParse(url) || !/^(?:mysql|mariadb):$/.test(new URL(url).protocol)) {
    throw new CommandError(
      '--db: expected mysql://user:password@host:port/database',
      ExitCode.Usage,
    )
  }
  const { hostname, port, searchParams } = new URL(url)
  const path = searchParams.get('socketPath')
  if (path) return { target: path, endpoint: { path }, options: { uri: url } }
  return addressOf(hostname, Number(port || 3306), { uri: url })
}

function fromEnv(env: Env): DatabaseAddress {
  const { uri, host, port = 3306, user, password, database } = optionsFrom(env)
  if (uri !== undefined) return fromUrl(uri)
  if (host === undefined) {
    throw new CommandError(
      '--db: which server? Set DATABASE_URL or DB_HOST, or give a URL',
      ExitCode.Usage,
    )
  }
  return addressOf(host, port, { user, password, database } as ConnectionOptions)
}

function addressOf(host: string, port: number, options: ConnectionOptions): DatabaseAddress {
  // An IPv6 address stands in brackets in a URL, and without them elsewhere.
  const endpoint = { host: host.replace(/^\[(.*)\]$/, '$1'), port }
  return { target: `${host}:${port}`, endpoint, options }
}

function optionsFrom(env: Env): PoolOptions {
  try {
    return poolOptionsFromEnv(env)
  } catch (error) {
    throw new CommandError((error as Error).message, ExitCode.Usage)
  }
}
