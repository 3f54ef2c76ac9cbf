import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'

import { adminQuery, type DatabaseAddress } from '@lifeguard/test-kit'

const run = promisify(execFile)
const ALL = `0-${availableParallelism() - 1}`

/** Lets a process run on one processor only, with all its threads; `undefined` sets it free again. Linux only. */
export async function pin(pid: number, processor: 0 | 1 | undefined): Promise<void> {
  if (process.platform !== 'linux' || availableParallelism() < 2) return
  try {
    await run('taskset', ['-a', '-c', '-p', String(processor ?? ALL), String(pid)])
  } catch (error) {
    console.warn(`Processes share their processors, and the figures waver: ${String(error)}`)
  }
}

/** Of a server on this machine. */
export async function pidOf(server: DatabaseAddress): Promise<number> {
  const [row] = await adminQuery(server, 'SELECT @@pid_file AS path')
  return Number(await readFile((row as { path: string }).path, 'utf8'))
}
