import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { waitFor } from '@lifeguard/test-kit'
import xterm from '@xterm/headless'
import type { Test } from 'tap'

const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url))

export interface PseudoTerminal {
  /** With colours and all. */
  readonly xterm: InstanceType<typeof xterm.Terminal>
  /** The lines of the screen as they are now. */
  screen(): string[]
  /** Resolves with the screen on which the pattern is to be seen. */
  until(pattern: RegExp): Promise<string[]>
  type(keys: string): void
  /** The exit code, when the command has ended. */
  readonly ended: Promise<number | null>
}

/** Whether there is a script(1) of the kind that Linux has. */
export function canOpenTerminal(): boolean {
  return process.platform === 'linux' && existsSync('/usr/bin/script')
}

/** The command on a terminal of that size, whose other end we hold. */
export function openTerminal(
  t: Pick<Test, 'teardown'>,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  size: { readonly cols: number; readonly rows: number } = { cols: 80, rows: 24 },
): PseudoTerminal {
  const terminal = new xterm.Terminal({ ...size, allowProposedApi: true })
  const command = `stty cols ${size.cols} rows ${size.rows}; exec ${[process.execPath, main, ...args].join(' ')}`
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', ...env },
    // Nothing of ours that it could hold open, should it be left behind.
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  child.stdout.on('data', (chunk: Buffer) => terminal.write(chunk))
  const screen = (): string[] => {
    const { active } = terminal.buffer
    return Array.from({ length: size.rows }, (_, i) => active.getLine(i)!.translateToString(true))
  }
  return {
    xterm: terminal,
    screen,
    async until(pattern) {
      let seen: string[] = []
      try {
        await waitFor(() => pattern.test((seen = screen()).join('\n')))
      } catch {
        throw new Error(`${String(pattern)} is not to be seen on\n${seen.join('\n')}`)
      }
      return seen
    },
    type: (keys) => void child.stdin.write(keys),
    ended: once(child, 'exit').then(([code]) => code as number | null),
  }
}
