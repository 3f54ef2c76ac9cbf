import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

import type { ProcessReport } from '@lifeguard/core'
import { reportSchema } from '@lifeguard/core/inspect'
import { waitFor } from '@lifeguard/test-kit'
import t, { type Test } from 'tap'

const program = fileURLToPath(new URL('../support/reporting-program.js', import.meta.url))
const uid = process.getuid!()

function freshFolder(t: Test): { parent: string; folder: string } {
  const parent = mkdtempSync(join(tmpdir(), 'lg-'))
  t.teardown(() => rmSync(parent, { recursive: true, force: true }))
  return { parent, folder: join(parent, `lifeguard-${uid}`) }
}

function start(t: Test, parent: string, mode: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, [program, mode], {
    env: { ...process.env, LIFEGUARD_RUNTIME_DIR: parent, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

const socketsIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : [])

async function reportsIn(folder: string, count: number): Promise<ProcessReport[]> {
  await waitFor(() => socketsIn(folder).length >= count)
  return Promise.all(
    socketsIn(folder).map(async (name) => {
      const json = await text(connect(join(folder, name)))
      return reportSchema.parse(JSON.parse(json))
    }),
  )
}

void t.test('a process answers in a folder that only its user can read', async (t) => {
  const { parent, folder } = freshFolder(t)
  const child = start(t, parent, 'plain')
  const [report] = await reportsIn(folder, 1)
  t.match(report, {
    version: 1,
    process: { pid: child.pid, threadId: 0, script: program },
    pools: [{ stats: { name: 'plain', inUse: 0 }, target: '127.0.0.1:1' }],
  })
  t.equal(report!.pools[0]!.stats.wait.buckets.at(-1)!.leMs, Infinity)
  t.notMatch(JSON.stringify(report), 'canary')
  t.equal(statSync(folder).mode & 0o777, 0o700)
  child.stdin!.end()
  await once(child, 'exit')
  t.strictSame(socketsIn(folder), [], 'nothing is left behind')
})

void t.test('so does a worker of a cluster, and a thread', async (t) => {
  const ofCluster = freshFolder(t)
  start(t, ofCluster.parent, 'cluster')
  t.match(await reportsIn(ofCluster.folder, 1), [{ pools: [{ stats: { name: 'cluster' } }] }])
  const ofThread = freshFolder(t)
  start(t, ofThread.parent, 'thread')
  const reports = await reportsIn(ofThread.folder, 2)
  const names = reports.map(({ process, pools }) => `${pools[0]!.stats.name} ${process.threadId}`)
  t.match(names.sort(), [/^in-thread [1-9]/, 'thread 0'])
})

void t.test('an argument is no script', async (t) => {
  const { parent, folder } = freshFolder(t)
  const source = `import { createPool } from '@lifeguard/core'
    createPool({ host: '127.0.0.1', port: 1, min: 0 }); process.stdin.resume()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, '--', '/canary'], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, LIFEGUARD_RUNTIME_DIR: parent },
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [report] = await reportsIn(folder, 1)
  t.equal(report!.process.script, undefined)
})

void t.test('it keeps no process alive', async (t) => {
  const { parent, folder } = freshFolder(t)
  const child = start(t, parent, 'idle')
  const [code] = await once(child, 'exit')
  t.equal(code, 0)
  t.strictSame(socketsIn(folder), [])
})

void t.test('when the last pool has ended, the socket is gone', async (t) => {
  const { parent, folder } = freshFolder(t)
  const child = start(t, parent, 'ending')
  const names = async (): Promise<string[]> => {
    const [report] = await reportsIn(folder, 1)
    return report!.pools.map(({ stats }) => stats.name)
  }
  t.strictSame(await names(), ['ending', 'another'])
  child.stdin!.write('end\n')
  await waitFor(async () => (await names()).length === 1)
})

void t.test('what a killed process left behind is removed by the next one', async (t) => {
  const { parent, folder } = freshFolder(t)
  const killed = start(t, parent, 'killed')
  await reportsIn(folder, 1)
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  const [abandoned] = socketsIn(folder)
  const anHourAgo = Date.now() / 1000 - 3600
  utimesSync(join(folder, abandoned!), anHourAgo, anHourAgo)
  start(t, parent, 'next')
  await waitFor(() => socketsIn(folder).length === 1 && socketsIn(folder)[0] !== abandoned)
  t.match(await reportsIn(folder, 1), [{ pools: [{ stats: { name: 'next' } }] }])
})

void t.test('a folder that cannot be used is told of, and nothing is put elsewhere', async (t) => {
  const { parent } = freshFolder(t)
  const long = join(parent, 'x'.repeat(90))
  mkdirSync(long)
  const cases: readonly (readonly [string, RegExp])[] = [
    [long, /is too long for a socket/],
    ['relative', /LIFEGUARD_RUNTIME_DIR: expected an absolute path, got relative/],
  ]
  for (const [folder, message] of cases) {
    const child = start(t, folder, 'idle')
    t.match((await text(child.stderr!)).replaceAll(/\s+/g, ' '), message)
  }
  t.strictSame(readdirSync(parent), ['x'.repeat(90)])
})

void t.test('LIFEGUARD_MONITOR=off', async (t) => {
  const { parent, folder } = freshFolder(t)
  const child = start(t, parent, 'idle', { LIFEGUARD_MONITOR: 'off' })
  t.equal(await text(child.stderr!), '')
  t.notOk(existsSync(folder))
})

void t.test('a folder that others can read is not used, and the process goes on', async (t) => {
  const { parent, folder } = freshFolder(t)
  mkdirSync(folder)
  chmodSync(folder, 0o755)
  const child = start(t, parent, 'plain')
  let warning = ''
  child.stderr!.on('data', (chunk: Buffer) => (warning += chunk.toString()))
  await waitFor(() => warning.includes('LIFEGUARD_RUNTIME_DIR'))
  t.match(warning, 'is not private')
  t.strictSame(socketsIn(folder), [])
  child.stdin!.end()
  const [code] = await once(child, 'exit')
  t.equal(code, 0)
})

void t.test('whoever connects and says nothing hurts nobody', async (t) => {
  const { parent, folder } = freshFolder(t)
  const child = start(t, parent, 'plain')
  await reportsIn(folder, 1)
  const path = join(folder, socketsIn(folder)[0]!)
  const idlers = Array.from({ length: 40 }, () => connect({ path, allowHalfOpen: true }))
  for (const idler of idlers) idler.on('error', () => {})
  await waitFor(async () => (await text(connect(path)).catch(() => '')) !== '', { timeout: 10_000 })
  for (const idler of idlers) idler.destroy()
  child.stdin!.end()
  t.same(await once(child, 'exit'), [0, null])
})
