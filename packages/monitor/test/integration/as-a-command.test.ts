import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

import t from 'tap'

import type { ViewJson } from '#monitor/print/view-json.js'

import { lifeguard, runtimeFolder, startCommand } from '../support/command.ts'
import { startService } from '../support/start-service.ts'

void t.test('what is not understood is named, with exit code 2', async (t) => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['monitor', '--slow', 'soon'], /--slow.*'soon' is invalid\. expected a number of seconds/],
    [['monitor', '--url', 'ftp://x'], /expected http/],
    [['monitor', '--url', 'http://a:%zz@x'], /expected %25 where the user or the password has a %/],
    [['monitor', '--fail-on', 'sometimes'], /Allowed choices are warning, critical, never/],
    [['monitor', '--wach'], /unknown option '--wach'.*Did you mean --watch/s],
    [['monitor', 'shop'], /too many arguments/],
    [['doctor', '--processes', '0'], /expected a whole number, 1 or more/],
    [['monitor', '--db', 'postgres://x'], /--db: expected mysql:/],
    [['moniter'], /unknown command 'moniter'/],
  ]
  for (const [args, message] of cases) {
    const { err, out, code } = await lifeguard(args)
    t.match(err, message, args.join(' '))
    t.equal(out, '')
    t.equal(code, 2)
  }
})

void t.test('--help and --version', async (t) => {
  const help = await lifeguard(['monitor', '--help'])
  t.match(help.out, /Exit codes:.*Examples:/s)
  t.equal(help.code, 0)
  t.match(await lifeguard(['--version']), { out: /^\d+\.\d+\.\d+\n$/, code: 0 })
})

void t.test('--watch --json is a line for each look, until a signal', async (t) => {
  const folder = runtimeFolder(t)
  await startService(t, folder)
  const env = { LIFEGUARD_RUNTIME_DIR: folder }
  const child = startCommand(['monitor', '--watch', '--json', '--interval', '0.05'], env)
  const seen: ViewJson[] = []
  for await (const line of createInterface({ input: child.stdout! })) {
    seen.push(JSON.parse(line) as ViewJson)
    if (seen.length === 3) child.kill('SIGINT')
  }
  t.ok(seen.every(({ processes }) => processes.length === 1))
  if (child.exitCode === null) await once(child, 'exit')
  t.equal(child.exitCode, 0)
})

void t.test('a single look ends at the first signal, whatever it waits for', async (t) => {
  const silent = createServer().listen(0, '127.0.0.1')
  t.teardown(() => silent.close())
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const env = { LIFEGUARD_RUNTIME_DIR: runtimeFolder(t) }
  const child = startCommand(['monitor', '--db', `mysql://u@127.0.0.1:${port}/x`], env)
  const [asked] = (await once(silent, 'connection')) as [Socket]
  t.teardown(() => asked.destroy())
  child.kill('SIGINT')
  t.strictSame(await once(child, 'exit'), [null, 'SIGINT'])
})

void t.test('a reader that has seen enough ends it quietly', async (t) => {
  const folder = runtimeFolder(t)
  await startService(t, folder)
  const env = { LIFEGUARD_RUNTIME_DIR: folder }
  const child = startCommand(['monitor', '--watch', '--interval', '0.02'], env)
  let err = ''
  child.stderr!.on('data', (chunk: Buffer) => (err += chunk.toString()))
  await once(child.stdout!, 'data')
  child.stdout!.destroy()
  const [code] = await once(child, 'exit')
  t.equal(code, 0)
  t.equal(err, '')
})

void t.test('colours where they are wanted, and no sign but ASCII', async (t) => {
  const folder = runtimeFolder(t)
  await startService(t, folder)
  const env = { LIFEGUARD_RUNTIME_DIR: folder }
  const isColored = ({ out }: { readonly out: string }): boolean => out.includes('\u001b[')
  t.notOk(isColored(await lifeguard(['monitor'], env)))
  t.ok(isColored(await lifeguard(['monitor', '--color'], env)))
  t.ok(isColored(await lifeguard(['monitor'], { ...env, NO_COLOR: '', FORCE_COLOR: '1' })))
  t.notOk(isColored(await lifeguard(['monitor'], { ...env, FORCE_COLOR: '1' })), 'NO_COLOR wins')
  const { out } = await lifeguard(['monitor', '--ascii'], env)
  t.match(out, /^[\n -~]+$/)
  t.match(await lifeguard(['monitor'], { ...env, LC_ALL: 'C' }), { out })
})
