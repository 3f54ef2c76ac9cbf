import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

import { waitFor } from '@lifeguard/test-kit'
import t from 'tap'

import type { ViewJson } from '#monitor/print/view-json.js'

import { lifeguard, runtimeFolder } from '../support/command.ts'
import { startService } from '../support/start-service.ts'

const uid = process.getuid!()

async function look(folder: string): Promise<ViewJson & { readonly code: number | null }> {
  const { out, code } = await lifeguard(['monitor', '--json'], { LIFEGUARD_RUNTIME_DIR: folder })
  return { ...(JSON.parse(out) as ViewJson), code }
}

void t.test('all that run, and none that has gone', async (t) => {
  const folder = runtimeFolder(t)
  const first = await startService(t, folder, 'first')
  await startService(t, folder, 'second', first.uri)
  const seen = await look(folder)
  const names = seen.processes.flatMap(({ pools }) => pools.map(({ stats }) => stats.name))
  t.strictSame(names.sort(), ['first', 'second'])

  first.process.kill('SIGKILL')
  await once(first.process, 'exit')
  const sockets = join(folder, `lifeguard-${uid}`)
  for (const name of readdirSync(sockets)) utimesSync(join(sockets, name), 1, 1)
  t.match(await look(folder), { processes: { length: 1 }, silent: [], code: 0 })
  t.equal(readdirSync(sockets).length, 1, 'its socket is removed')
})

// As a container: with a file system, a name and process ids of its own.
const CONTAINER = ['unshare', '--mount', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc']
const noContainer =
  spawnSync(CONTAINER[0]!, [...CONTAINER.slice(1), 'true']).status === 0
    ? false
    : 'no namespaces to be had here'

void t.test('one in a container, from outside', { skip: noContainer }, async (t) => {
  const folder = runtimeFolder(t)
  const start = `mount -t tmpfs none ${folder} && hostname shop-1 && exec "$@"`
  const within = [...CONTAINER, 'sh', '-c', start, 'sh']
  const { uri, tell } = await startService(t, folder, 'inside', undefined, within)
  await startService(t, folder, 'outside', uri)
  tell('slow')
  const env = { LIFEGUARD_RUNTIME_DIR: folder }
  let text = ''
  await waitFor(async () => {
    text = (await lifeguard(['monitor'], env)).out
    return text.includes('inside (1 on shop-1): emails send runs')
  })
  t.match(text, /^inside +1 service\.js on shop-1 /m)
  t.match(text, /^outside +\d+ service\.js {2}/m)
})

void t.test('one that hangs is named', async (t) => {
  const folder = runtimeFolder(t)
  const service = await startService(t, folder)
  service.tell('block')
  const { pid } = service.process
  await waitFor(async () => (await look(folder)).silent.length === 1)
  t.match(await look(folder), {
    health: 'critical',
    code: 3,
    findings: [{ code: 'process-silent', pid, advice: /event loop is blocked/ }],
  })
})

void t.test('nobody is there', async (t) => {
  const folder = runtimeFolder(t)
  const env = { LIFEGUARD_RUNTIME_DIR: folder }
  const { out, err, code } = await lifeguard(['monitor'], env)
  t.equal(out, '')
  t.match(err, /no process with a Lifeguard pool was found .*as the user of the service/s)
  t.equal(code, 1)
  t.match(await look(folder), {
    processes: [],
    health: 'critical',
    findings: [{ code: 'no-process' }],
    code: 1,
  })
})

void t.test('a folder that others can write to is not believed', async (t) => {
  const folder = runtimeFolder(t)
  await startService(t, folder)
  chmodSync(join(folder, `lifeguard-${uid}`), 0o777)
  t.equal((await lifeguard(['monitor'], { LIFEGUARD_RUNTIME_DIR: folder })).code, 1)
})
