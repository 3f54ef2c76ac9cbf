import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { canStartServers, startDatabase, waitFor } from '@lifeguard/test-kit'
import t from 'tap'

const victim = fileURLToPath(new URL('../support/crash-victim.js', import.meta.url))
const skip = !(canStartServers() && canStartServers('redis')) && 'no servers can be started here'

interface Trace {
  pid: number
  folder: string
}

/** A process that has started its servers, and their traces. */
async function startVictim(ending: string): Promise<{ child: ChildProcess; traces: Trace[] }> {
  const child = spawn(process.execPath, [victim, ending], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, traces: JSON.parse(line.toString()) as Trace[] }
}

function isLeft({ pid, folder }: Trace): boolean {
  return existsSync(folder) || isAlive(pid)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const) {
  void t.test(`by a process that ${signal} ends`, { skip }, async (t) => {
    const { child, traces } = await startVictim('hang')
    t.equal(traces.filter(isLeft).length, 2, 'they run')
    child.kill(signal)
    await waitFor(() => !traces.some(isLeft), { label: 'processes and folders are gone' })
  })
}

for (const ending of ['exit', 'throw', 'nothing more to do']) {
  void t.test(`by a process that ends with: ${ending}`, { skip }, async () => {
    const { traces } = await startVictim(ending)
    await waitFor(() => !traces.some(isLeft), { label: 'processes and folders are gone' })
  })
}

void t.test('by stop, also of a paused server', { skip }, async (t) => {
  const server = await startDatabase()
  const trace = { pid: Number(server.pid), folder: server.folder }
  t.ok(isLeft(trace))
  server.pause()
  await server.stop()
  t.notOk(isLeft(trace))
  await t.rejects(server.restart(), { message: /stopped/ })
})

void t.test('by a server that cannot start', { skip }, async (t) => {
  const failure = startDatabase({ args: ['--no-such-option'] })
  await t.rejects(failure, { message: /no-such-option/ }, 'the error shows the log')
})
