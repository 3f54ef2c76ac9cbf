import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'

import { canInstall, findBinary, installPackages } from './binaries.ts'
import { cachedFolder } from './folders.ts'

const run = promisify(execFile)

const CHROOT = 'mysql-chroot'

/** How to run real MySQL on this machine, and where its files must be for it to see them. */
export interface MysqlInstallation {
  readonly command: string
  /** Come before the arguments for mysqld. */
  readonly args: readonly string[]
  /** Folder of the cached templates; undefined for the usual one. */
  readonly templates: string | undefined
  /** Folder of the instances; undefined for the usual one. */
  readonly instances: string | undefined
  /** A path as the server sees it. */
  inside(path: string): string
}

/** mysqld from the PATH, or else Debian unstable's in a chroot: stable Debian has MariaDB only. */
export async function requireMysql(): Promise<MysqlInstallation> {
  const binary = findMysqld()
  if (binary !== undefined) {
    return {
      command: binary,
      args: [],
      templates: undefined,
      instances: undefined,
      inside: (path) => path,
    }
  }
  if (!canInstall()) {
    throw new Error(
      'No MySQL server here. Either put the binary mysqld of MySQL (not of MariaDB) on the PATH, ' +
        'or run as root on Debian, where the package mysql-server-core is installed in a chroot, ' +
        'or set DATABASE_URL to a server that the tests may use',
    )
  }
  const root = await cachedFolder(CHROOT, buildChroot)
  return {
    command: '/usr/sbin/chroot',
    args: [root, '/usr/sbin/mysqld'],
    templates: `${root}/var/cache/lifeguard`,
    instances: `${root}/var/tmp`,
    inside: (path) => path.slice(root.length),
  }
}

export function canStartMysql(): boolean {
  return findMysqld() !== undefined || canInstall()
}

function findMysqld(): string | undefined {
  // MariaDB's packages have a mysqld too.
  return findBinary(['mysqld'], (version) => !version.includes('MariaDB'))
}

async function buildChroot(folder: string): Promise<void> {
  if (findBinary(['debootstrap']) === undefined) await installPackages(['debootstrap'])
  const debootstrap = findBinary(['debootstrap']) ?? 'debootstrap'
  const packages = '--include=mysql-server-core'
  try {
    await run(debootstrap, ['--variant=minbase', packages, 'sid', folder], { maxBuffer: 2 ** 26 })
  } catch (cause) {
    throw new Error(
      'debootstrap could not fetch MySQL; set DATABASE_URL to use a server of yours',
      {
        cause,
      },
    )
  }
  // The downloaded packages are of no use any more.
  await rm(`${folder}/var/cache/apt/archives`, { recursive: true, force: true })
}
