#!/usr/bin/env node
import { runCommand } from './cli/program.ts'

// A reader that has seen enough, as `| head`, ends the command quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})

/** For who has something to finish: the first signal is told of, the second one ends the process, as without us. */
function listenForEnd(): AbortSignal {
  const ended = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort())
  return ended.signal
}

const { stdin, stdout, stderr, env } = process
process.exitCode = await runCommand(
  process.argv.slice(2),
  { in: stdin, out: stdout, err: stderr, env },
  listenForEnd,
)
