import { readFileSync } from 'node:fs'

import { Command, CommanderError } from 'commander'

import { CommandError, ExitCode } from '../exit-code.ts'
import type { Terminal } from '../terminal.ts'
import { addDoctor } from './add-doctor.ts'
import { addLoad } from './add-load.ts'
import { addMonitor } from './add-monitor.ts'

/** Runs the command with its arguments (those behind the program's name). Answers the exit code; never rejects. */
export async function runCommand(
  args: readonly string[],
  terminal: Terminal,
  listenForEnd: () => AbortSignal,
): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.Ok
  const program = makeProgram(terminal, listenForEnd, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage
    terminal.err.write(`lifeguard: ${(error as Error).message}\n`)
    return error instanceof CommandError ? error.exitCode : ExitCode.Failed
  }
}

function makeProgram(
  terminal: Terminal,
  listenForEnd: () => AbortSignal,
  done: (code: ExitCode) => void,
): Command {
  const program = new Command('lifeguard')
    .description(
      'Who holds the database connections, since when, doing what, and what to do about it.',
    )
    .version(version(), '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.out.write(text),
      writeErr: (text) => void terminal.err.write(text),
      // Of an option that it does not know, what it was to be is left out: it may be a secret.
      outputError: (text, write) => write(text.replaceAll(/(--[\w-]+=)[^'\s]*/g, '$1…')),
    })
    .showHelpAfterError('(lifeguard --help tells more)')
  addMonitor(program, terminal, listenForEnd, done)
  addDoctor(program, terminal, done)
  addLoad(program, terminal, listenForEnd, done)
  return program
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
