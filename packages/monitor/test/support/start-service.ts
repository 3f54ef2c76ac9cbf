import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { createDatabase, sharedDatabase } from '@lifeguard/test-kit'
import type { Test } from 'tap'

const program = fileURLToPath(new URL('./service.js', import.meta.url))

export interface Service {
  readonly process: ChildProcess
  readonly uri: string
  /** Has it do what service.ts calls so. */
  tell(...faults: readonly string[]): void
}

/**
 * A service in a process of its own, over a database of its own; it ends with the test. `within`: a command that runs
 * another one.
 */
export async function startService(
  t: Test,
  folder: string,
  name = 'shop',
  uri?: string,
  within: readonly string[] = [],
): Promise<Service> {
  const database = uri === undefined ? await createDatabase(await sharedDatabase()) : undefined
  const address = uri ?? database!.uri
  const [command, ...args] = [...within, process.execPath, program, name]
  const child = spawn(command, args, {
    env: { ...process.env, DATABASE_URL: address, LIFEGUARD_RUNTIME_DIR: folder },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.teardown(async () => {
    child.kill('SIGKILL')
    await database?.drop()
  })
  await once(child.stdout, 'data')
  return {
    process: child,
    uri: address,
    tell: (...faults) => void child.stdin.write(faults.map((fault) => `${fault}\n`).join('')),
  }
}
