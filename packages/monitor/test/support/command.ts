import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

import type { Test } from 'tap'

const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export type Env = Readonly<Record<string, string | undefined>>

/** The command as a process of its own. */
export function startCommand(args: readonly string[], env: Env = {}): ChildProcess {
  return spawn(process.execPath, [main, ...args], {
    env: { ...process.env, NO_COLOR: '1', DATABASE_URL: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

export async function lifeguard(args: readonly string[], env: Env = {}): Promise<Ran> {
  const child = startCommand(args, env)
  const [out, err, [code]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { code, out, err }
}

/** A folder for sockets that nobody else uses. */
export function runtimeFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'lg-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
