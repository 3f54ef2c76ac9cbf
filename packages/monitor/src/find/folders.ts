import { lstat, readdir, readlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { ownerOfPrivate, ownUid, runtimeFolders } from '@lifeguard/core/inspect'

const ROOT_UID = 0
const FOLDER = /^lifeguard-\d+$/

/**
 * Where the sockets of processes are that this user may ask, those in containers and behind a `/tmp` of a service's own
 * included; for root, of all users.
 */
export async function findFolders(): Promise<string[]> {
  const uid = ownUid()
  if (uid === undefined) return []
  const roots = ['/', ...(await otherRoots())]
  const found = await Promise.all(roots.map((root) => foldersBelow(root, uid)))
  const usable = await Promise.all(found.flat().map((folder) => identify(folder, uid)))
  // Processes that see different file systems may share this folder all the same.
  const folders = new Map<string, string>()
  for (const [folder, id] of usable.filter((pair) => pair !== undefined)) {
    if (!folders.has(id)) folders.set(id, folder)
  }
  return [...folders.values()]
}

/** Where one would have to look, for who has found nothing. */
export function searchedFolders(): readonly string[] {
  const uid = ownUid()
  return uid === undefined ? [] : runtimeFolders(uid)
}

/** The file systems of processes that see others than ours, each once, through one of those that see them. */
async function otherRoots(): Promise<string[]> {
  const own = await mountsOf('self')
  const pids = (await namesIn('/proc')).filter((name) => /^\d+$/.test(name))
  const mounts = await Promise.all(pids.map(async (pid) => [await mountsOf(pid), pid] as const))
  // The oldest process of each is the likeliest to be there at the next look, too.
  const pidByMounts = new Map(mounts.toReversed())
  pidByMounts.delete(own)
  pidByMounts.delete(undefined)
  return Array.from(pidByMounts.values(), (pid) => `/proc/${pid}/root`)
}

/** Undefined where we may not know, or there are none such. */
async function mountsOf(pid: string): Promise<string | undefined> {
  return await readlink(`/proc/${pid}/ns/mnt`).catch(() => undefined)
}

async function foldersBelow(root: string, uid: number): Promise<string[]> {
  const parents = new Set(runtimeFolders(uid).map((folder) => join(root, dirname(folder))))
  const found = await Promise.all(
    [...parents].map(async (parent) => {
      const names = await namesIn(parent)
      return names.filter((name) => FOLDER.test(name)).map((name) => join(parent, name))
    }),
  )
  return found.flat()
}

/** A folder that is not private may hold anybody's sockets: what they say would be anybody's word. */
async function identify(
  folder: string,
  uid: number,
): Promise<readonly [folder: string, id: string] | undefined> {
  try {
    const owner = await ownerOfPrivate(folder)
    if (owner === undefined || (uid !== ROOT_UID && owner !== uid)) return undefined
    const { dev, ino } = await lstat(folder)
    return [folder, `${dev}:${ino}`]
  } catch {
    return undefined
  }
}

export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch {
    return []
  }
}
