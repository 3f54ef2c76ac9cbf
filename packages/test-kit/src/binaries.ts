import { execFile, execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Debian puts servers where an ordinary user's PATH does not look. */
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin']

export interface Program {
  readonly title: string
  /** Names of the binary, best first. */
  readonly names: readonly string[]
  /** The Debian package that has it. */
  readonly packageName: string
  /** The environment variable that makes it unnecessary. */
  readonly urlVariable: string
  /** Tells by `--version` whether a binary of that name is the right one. */
  readonly accepts?: (version: string) => boolean
}

export function findBinary(
  names: readonly string[],
  accepts?: (version: string) => boolean,
): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...MORE_FOLDERS]
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => isExecutable(path) && (accepts === undefined || accepts(versionOf(path))))
}

/** The program's binary, installed if it is missing and we may. */
export async function requireBinary(program: Program): Promise<string> {
  const found = findBinary(program.names, program.accepts)
  if (found !== undefined) return found
  if (canInstall()) {
    await installPackages([program.packageName])
    const installed = findBinary(program.names, program.accepts)
    if (installed !== undefined) return installed
  }
  throw new Error(
    `No ${program.title} here. Either install the package ${program.packageName}, ` +
      `or put one of the binaries ${program.names.join(', ')} on the PATH, ` +
      `or set ${program.urlVariable} to a server that the tests may use`,
  )
}

/** Whether `requireBinary` would probably succeed. */
export function isAvailable(program: Program): boolean {
  return findBinary(program.names, program.accepts) !== undefined || canInstall()
}

/** Debian or a derivative, as root. */
export function canInstall(): boolean {
  return process.getuid?.() === 0 && isExecutable('/usr/bin/apt-get')
}

export async function installPackages(packages: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const patient = ['-q', '-o', 'DPkg::Lock::Timeout=300']
  await run('apt-get', [...patient, 'update'], { env, maxBuffer: 2 ** 26 })
  const install = ['install', '-y', '--no-install-recommends', ...packages]
  await run('apt-get', [...patient, ...install], { env, maxBuffer: 2 ** 26 })
}

export function versionOf(binary: string, ...args: string[]): string {
  return execFileSync(binary, [...args, '--version'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
