#!/usr/bin/env node
import { runCommand } from './cli/program.ts'

// A reader that has seen enough, as `| head`, ends the command quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})

const ended = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The second one ends it at once, as without us.
  process.once(signal, () => ended.abort())
}

const { stdin, stdout, stderr, env } = process
process.exitCode = await runCommand(
  process.argv.slice(2),
  { in: stdin, out: stdout, err: stderr, env },
  ended.signal,
)
