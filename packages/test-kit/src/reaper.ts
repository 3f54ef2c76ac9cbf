import { spawn } from 'node:child_process'
import { once } from 'node:events'

// `read` ends when the pipe closes, for whatever reason: our order, a crash, SIGKILL. The last line is the
// server to kill, 0 for none. A dying server may still create a file, hence the repeated `rm`.
const SCRIPT = `
server=0
while read -r pid; do server=$pid; done
if [ "$server" -gt 0 ]; then kill -KILL "$server"; fi
tries=0
until rm -rf "$1" || [ "$tries" -ge 50 ]; do tries=$((tries + 1)); sleep 0.1; done
`

/** A tiny process that outlives this one and leaves neither the server nor its folder behind. */
export interface Reaper {
  /** The process to kill in the end; 0 when it has exited, since its id may be another's soon. */
  watch(pid: number): void
  /** Kills the watched process and removes the folder, now. */
  reap(): Promise<void>
}

export function startReaper(folder: string): Reaper {
  // Its own session, or Ctrl-C would take it before it has done its work. No inherited output, or tap would
  // wait for it. A shell and not Node: tap instruments every Node process.
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'lifeguard-reaper', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  })
  const exited = once(child, 'exit')
  // A reaper that somebody killed is no reason to fail a test.
  exited.catch(() => {})
  child.stdin.on('error', () => {})
  unrefReaper()

  function unrefReaper(): void {
    child.unref()
    // The pipe is a net.Socket, which the types do not say.
    ;(child.stdin as unknown as { unref(): void }).unref()
  }

  return {
    watch: (pid) => {
      child.stdin.write(`${pid}\n`)
    },
    reap: async () => {
      child.ref()
      child.stdin.end()
      await exited
    },
  }
}
