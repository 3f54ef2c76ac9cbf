import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { pingDatabase } from './admin.ts'
import { requireBinary, versionOf, type Program } from './binaries.ts'
import {
  commonServerArgs,
  databaseServer,
  userArgs,
  type DatabaseServer,
  type DatabaseServerOptions,
} from './database-server.ts'
import { cachedFolder, copyFolder, digest, temporaryFolder } from './folders.ts'
import { onFreePort } from './free-port.ts'
import { ServerProcess } from './server-process.ts'

const run = promisify(execFile)

/** The template must have the redo log's size that the servers are started with. */
const STORAGE_ARGS = ['--innodb-log-file-size=16M', '--innodb-autoextend-increment=1']

export const MARIADB: Program = {
  title: 'MariaDB',
  names: ['mariadbd', 'mysqld'],
  packageName: 'mariadb-server-core',
  urlVariable: 'DATABASE_URL',
  accepts: (version) => version.includes('MariaDB'),
}

const INSTALLER: Program = {
  title: 'mariadb-install-db',
  names: ['mariadb-install-db', 'mysql_install_db'],
  packageName: 'mariadb-server-core',
  urlVariable: 'DATABASE_URL',
}

const DEFAULTS: Program = {
  title: 'my_print_defaults',
  names: ['my_print_defaults'],
  packageName: 'mariadb-client-core',
  urlVariable: 'DATABASE_URL',
}

/** A private MariaDB on a free port, with no databases of users; ready when this resolves. */
export async function startMariadb(options: DatabaseServerOptions = {}): Promise<DatabaseServer> {
  const binary = await requireBinary(MARIADB)
  const template = await dataTemplate(binary)
  return await onFreePort(options.port, async (port) => {
    const folder = await temporaryFolder()
    const server = await ServerProcess.start({
      command: binary,
      args: [
        '--no-defaults',
        ...commonServerArgs(port, folder, options),
        ...STORAGE_ARGS,
        '--performance-schema=OFF',
        '--skip-name-resolve',
        '--aria-pagecache-buffer-size=8M',
        ...(options.args ?? []),
      ],
      folder,
      prepare: () => copyFolder(template, `${folder}/data`),
      ready: () => pingDatabase(port),
    })
    return databaseServer('mariadb', port, server)
  })
}

/** Initialising takes seconds, copying does not. */
async function dataTemplate(binary: string): Promise<string> {
  const name = `mariadb-data-${digest(versionOf(binary) + STORAGE_ARGS.join())}`
  return await cachedFolder(name, async (folder) => {
    const installer = await requireBinary(INSTALLER)
    // The installer is a script that calls it; Debian has it in a package of its own.
    await requireBinary(DEFAULTS)
    await run(installer, [
      '--no-defaults',
      `--datadir=${folder}`,
      // Root without a password, for TCP too; Debian's default is the Unix socket's owner.
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
      ...userArgs(),
      ...STORAGE_ARGS,
    ])
  })
}
