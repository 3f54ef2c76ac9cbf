import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { pingDatabase } from './admin.ts'
import { versionOf } from './binaries.ts'
import {
  commonServerArgs,
  databaseServer,
  userArgs,
  type DatabaseServer,
  type DatabaseServerOptions,
} from './database-server.ts'
import { cachedFolder, copyFolder, digest, temporaryFolder } from './folders.ts'
import { onFreePort } from './free-port.ts'
import { requireMysql, type MysqlInstallation } from './mysql-installation.ts'
import { ServerProcess } from './server-process.ts'

const run = promisify(execFile)

/** The least that it accepts: instances are copies of a template, so its size is time. */
const STORAGE_ARGS = ['--innodb-redo-log-capacity=8M', '--innodb-autoextend-increment=1']

/** A private MySQL on a free port, with no databases of users; ready when this resolves. */
export async function startMysql(options: DatabaseServerOptions = {}): Promise<DatabaseServer> {
  const mysql = await requireMysql()
  const template = await dataTemplate(mysql)
  return await onFreePort(options.port, async (port) => {
    const folder = await temporaryFolder(mysql.instances)
    const server = await ServerProcess.start({
      command: mysql.command,
      args: [
        ...mysql.args,
        '--no-defaults',
        ...commonServerArgs(port, mysql.inside(folder), options),
        ...STORAGE_ARGS,
        '--secure-file-priv=NULL',
        '--mysqlx=OFF',
        ...(options.args ?? []),
      ],
      folder,
      prepare: () => copyFolder(template, `${folder}/data`),
      ready: () => pingDatabase(port),
    })
    return databaseServer('mysql', port, server)
  })
}

async function dataTemplate(mysql: MysqlInstallation): Promise<string> {
  const version = versionOf(mysql.command, ...mysql.args)
  const name = `mysql-data-${digest(version + STORAGE_ARGS.join())}`
  const build = async (folder: string): Promise<void> => {
    await run(mysql.command, [
      ...mysql.args,
      '--no-defaults',
      '--initialize-insecure',
      `--datadir=${mysql.inside(folder)}`,
      '--innodb-flush-method=nosync',
      ...userArgs(),
      ...STORAGE_ARGS,
    ])
  }
  return await cachedFolder(name, build, mysql.templates)
}
