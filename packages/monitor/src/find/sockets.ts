import { access } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'

import { removeIfAbandoned } from '@lifeguard/core/inspect'

import { findFolders, namesIn } from './folders.ts'
import { readReport } from './read-report.ts'
import type { Sighting } from './sighting.ts'

const ANSWER_WITHIN_MS = 1000
const MOST_BYTES = 64 * 2 ** 20

/** Asks every process of this user on this machine; for root, of every user. */
export async function askMachine(): Promise<Sighting[]> {
  const folders = await findFolders()
  const sightings = await Promise.all(folders.map((folder) => askFolder(folder)))
  return sightings.flat()
}

async function askFolder(folder: string): Promise<Sighting[]> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith('.sock'))
  const answers = await Promise.all(names.sort().map((name) => askSocket(join(folder, name))))
  return answers.filter((sighting) => sighting !== undefined)
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
    // It ended while it was asked.
    if (!(await exists(path))) return undefined
    // Nobody has taken in those who have asked before, and no more fit before the door.
    if (code === 'EAGAIN') return { source: path, problem: 'does not answer', hangs: true }
    return { source: path, problem: message, hangs: code === 'ETIMEDOUT' }
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
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
