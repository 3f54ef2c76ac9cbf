import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'

import { isPrivate, ownUid, removeIfAbandoned, runtimeFolders } from '@lifeguard/core/inspect'

import { readReport } from './read-report.ts'
import type { Sighting } from './sighting.ts'

const ANSWER_WITHIN_MS = 1000
const MOST_BYTES = 64 * 2 ** 20
const FOLDER = /^lifeguard-(\d+)$/

/** Asks every process of this user on this machine; for root, of every user. */
export async function askMachine(): Promise<Sighting[]> {
  const folders = await findFolders()
  const sightings = await Promise.all(folders.map((folder) => askFolder(folder)))
  return sightings.flat()
}

/** Where one would have to look, for who has found nothing. */
export function searchedFolders(): readonly string[] {
  const uid = ownUid()
  return uid === undefined ? [] : runtimeFolders(uid)
}

async function findFolders(): Promise<string[]> {
  const uid = ownUid()
  if (uid === undefined) return []
  const candidates = uid === 0 ? await foldersOfAll() : runtimeFolders(uid)
  const usable = await Promise.all(candidates.map((folder) => isUsable(folder, uid)))
  return candidates.filter((_, i) => usable[i])
}

/** Root sees the sockets of all users, also of services whose /tmp systemd hides from others. */
async function foldersOfAll(): Promise<string[]> {
  const parents = new Set(runtimeFolders(0).map((folder) => dirname(folder)))
  for (const name of await namesIn('/tmp')) {
    if (name.startsWith('systemd-private-')) parents.add(join('/tmp', name, 'tmp'))
  }
  const found = await Promise.all(
    [...parents].map(async (parent) => {
      const names = await namesIn(parent)
      return names.filter((name) => FOLDER.test(name)).map((name) => join(parent, name))
    }),
  )
  return found.flat()
}

/** A folder that is not private may hold anybody's sockets: what they say would be anybody's word. */
async function isUsable(folder: string, uid: number): Promise<boolean> {
  const owner = uid === 0 ? Number(FOLDER.exec(folder.slice(dirname(folder).length + 1))?.[1]) : uid
  try {
    return await isPrivate(folder, owner)
  } catch {
    return false
  }
}

async function askFolder(folder: string): Promise<Sighting[]> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith('.sock'))
  const answers = await Promise.all(names.sort().map((name) => askSocket(join(folder, name))))
  return answers.filter((sighting) => sighting !== undefined)
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch {
    return []
  }
}

/** Undefined where nobody listens any more. */
async function askSocket(path: string): Promise<Sighting | undefined> {
  try {
    return { source: path, report: readReport(await readAll(path)) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === 'ECONNREFUSED') {
      await removeIfAbandoned(path).catch(() => {})
      return undefined
    }
    return { source: path, problem: message, hangs: code === 'ETIMEDOUT' }
  }
}

function readAll(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = connect(path)
    const chunks: Buffer[] = []
    let size = 0
    // For all of it: one that sends a byte now and then must not keep us waiting.
    const timer = setTimeout(() => {
      const hangs = new Error(`does not answer within ${ANSWER_WITHIN_MS} ms`)
      client.destroy(Object.assign(hangs, { code: 'ETIMEDOUT' }))
    }, ANSWER_WITHIN_MS)
    client.on('data', (chunk) => {
      chunks.push(chunk)
      size += chunk.length
      if (size > MOST_BYTES) client.destroy(new Error('says too much'))
    })
    client.on('end', () => resolve(Buffer.concat(chunks).toString()))
    client.on('error', reject)
    client.on('close', () => {
      clearTimeout(timer)
      reject(new Error('hung up'))
    })
  })
}
