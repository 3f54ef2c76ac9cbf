import type { DatabaseAddress } from './database-address.ts'
import type { ServerProcess } from './server-process.ts'
import { databaseUrl, type Flavor } from './database-address.ts'

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

/** Faults of a server process; `stop` is the end, everything else can be followed by `restart`. */
export interface ServerControl {
  readonly running: boolean
  /** The server and its data are gone. */
  stop(): Promise<void>
  /** SIGKILL; the data stay. */
  kill(): Promise<void>
  /** SIGTERM: an orderly shutdown that clients can notice; the data stay. */
  shutdown(): Promise<void>
  /** SIGSTOP: connections stay open and nobody answers. */
  pause(): void
  /** SIGCONT. */
  resume(): void
  /** Same port, same data; resolves when it answers. */
  restart(): Promise<void>
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
  return {
    flavor,
    host: '127.0.0.1',
    port,
    user: 'root',
    password: '',
    uri: (database) => databaseUrl('127.0.0.1', port, 'root', '', database),
    get running() {
      return server.running
    },
    stop: () => server.stop(),
    kill: () => server.kill(),
    shutdown: () => server.shutdown(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    restart: () => server.restart(),
  }
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
