import { databaseUrl, type DatabaseAddress, type Flavor } from './database-address.ts'
import type { ServerControl, ServerProcess } from './server-process.ts'

export interface DatabaseServerOptions {
  readonly maxConnections?: number
  /** Seconds, as the server counts them. */
  readonly waitTimeout?: number
  /** A server whose default charset is latin1, for charset bugs; utf8mb4 otherwise. */
  readonly latin1?: boolean
  /** Further server arguments; they win over ours. */
  readonly args?: readonly string[]
  readonly port?: number
}

/** A private database server that ends, and is removed, with this process. */
export interface DatabaseServer extends DatabaseAddress, ServerControl {
  readonly host: '127.0.0.1'
  readonly user: 'root'
  readonly password: ''
}

export function databaseServer(
  flavor: Flavor,
  port: number,
  server: ServerProcess,
): DatabaseServer {
  return Object.assign(server, {
    flavor,
    host: '127.0.0.1',
    port,
    user: 'root',
    password: '',
    uri: (database?: string) => databaseUrl('127.0.0.1', port, 'root', '', database),
  } as const)
}

/**
 * The arguments that both flavors understand: small, quick, and safe against SIGKILL (not power loss).
 * `folder` is the instance's, as the server sees it.
 */
export function commonServerArgs(
  port: number,
  folder: string,
  options: DatabaseServerOptions,
): string[] {
  const charset = options.latin1
    ? ['--character-set-server=latin1', '--collation-server=latin1_swedish_ci']
    : ['--character-set-server=utf8mb4']
  return [
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--datadir=${folder}/data`,
    `--socket=${folder}/server.sock`,
    `--pid-file=${folder}/server.pid`,
    `--tmpdir=${folder}`,
    ...userArgs(),
    ...charset,
    `--max-connections=${options.maxConnections ?? 100}`,
    `--wait-timeout=${options.waitTimeout ?? 28_800}`,
    '--skip-log-bin',
    '--innodb-buffer-pool-size=32M',
    '--innodb-flush-log-at-trx-commit=2',
    '--innodb-flush-method=nosync',
    '--key-buffer-size=1M',
  ]
}

/** Both servers refuse to run as root unless told to. */
export function userArgs(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : []
}
