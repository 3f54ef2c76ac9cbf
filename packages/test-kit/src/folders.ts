import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A new folder for one server. */
export async function temporaryFolder(parent: string = tmpdir()): Promise<string> {
  await mkdir(parent, { recursive: true })
  return await mkdtemp(join(parent, 'lifeguard-'))
}

/** Quick where the file system can share blocks. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE })
}

/** A short name for what the content of a cached folder depends on. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** What is worth keeping between runs: initialised data folders, the MySQL chroot. */
function cacheRoot(): string {
  return join(tmpdir(), `lifeguard-cache-${process.getuid?.() ?? 'user'}`)
}

/**
 * The folder `name` of the cache, built by `build` if it is not there. It is built under another name, so it
 * is whole or absent; one process builds, the others wait.
 */
export async function cachedFolder(
  name: string,
  build: (folder: string) => Promise<void>,
  parent: string = cacheRoot(),
): Promise<string> {
  const folder = join(parent, name)
  if (await exists(folder)) return folder
  await mkdir(parent, { recursive: true, mode: 0o755 })
  return await withLock(`${folder}.lock`, async () => {
    if (await exists(folder)) return folder
    const unfinished = await mkdtemp(join(parent, 'building-'))
    try {
      await build(unfinished)
      await rename(unfinished, folder)
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true })
      throw error
    }
    return folder
  })
}

/** One process of this machine at a time; the lock of a process that died is taken over. */
async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  while (!(await tryLock(file))) {
    if (await isStale(file)) await rm(file, { force: true })
    else await sleep(100)
  }
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}

async function tryLock(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

async function isStale(file: string): Promise<boolean> {
  const pid = Number(await readFile(file, 'utf8').catch(() => ''))
  // Empty: created and not yet written, or just removed.
  if (pid === 0) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
