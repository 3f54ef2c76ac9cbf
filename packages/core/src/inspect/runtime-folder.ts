import { lstat, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'

const FOR_ALL_BUT_THE_OWNER = 0o077

/**
 * Where processes of a user put their sockets, best first: the first that can be used is. The same for a service and
 * for a login, whose TMPDIR and XDG_RUNTIME_DIR differ. `LIFEGUARD_RUNTIME_DIR` replaces them.
 */
export function runtimeFolders(uid: number): readonly string[] {
  const given = process.env['LIFEGUARD_RUNTIME_DIR']
  if (given && !isAbsolute(given)) {
    throw new Error(`LIFEGUARD_RUNTIME_DIR: expected an absolute path, got ${given}`)
  }
  const parents = given ? [given] : new Set(['/tmp', tmpdir(), '/dev/shm', '/var/tmp'])
  return [...parents].map((parent) => join(parent, `lifeguard-${uid}`))
}

/** The user of this process; undefined where there are no such users, as on Windows. */
export function ownUid(): number | undefined {
  return process.getuid?.()
}

/** The first folder that is there, or can be made, and that nobody else can read; else the reasons. */
export async function makeRuntimeFolder(uid: number): Promise<string> {
  const reasons: string[] = []
  for (const folder of runtimeFolders(uid)) {
    try {
      await mkdir(folder, { mode: 0o700, recursive: true })
      if ((await ownerOfPrivate(folder)) === uid) return folder
      reasons.push(`${folder} is not private`)
    } catch (error) {
      reasons.push((error as Error).message)
    }
  }
  throw new Error(reasons.join('; '))
}

/**
 * The only user who can enter this folder; undefined where others can, too, or where it is none: somebody may have made
 * it first, or a link in its place.
 */
export async function ownerOfPrivate(folder: string): Promise<number | undefined> {
  const stats = await lstat(folder)
  const isPrivate = stats.isDirectory() && (stats.mode & FOR_ALL_BUT_THE_OWNER) === 0
  return isPrivate ? stats.uid : undefined
}
