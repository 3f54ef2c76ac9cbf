import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { createPool, type Pool } from '@lifeguard/core'
import { createDatabase, sharedDatabase, waitFor } from '@lifeguard/test-kit'
import t, { type Test } from 'tap'

import type { LoadResult } from '#monitor/load/result.js'

import { lifeguard, runtimeFolder, startCommand } from '../support/command.ts'

interface Shop {
  readonly url: string
  readonly pool: Pool
  readonly answered: () => number
}

/** A server in this process, whose pool is seen by `--report`. */
async function openShop(
  t: Test,
  handle: (pool: Pool, path: string) => Promise<number>,
): Promise<Shop> {
  const { report } = await import('@lifeguard/core')
  const database = await createDatabase(await sharedDatabase())
  const pool = createPool({ uri: database.uri, min: 2, max: 4 })
  let answered = 0
  const listener: RequestListener = (request, response) => {
    if (request.url === '/report') return response.end(JSON.stringify(report()))
    if (request.method === 'HEAD') return response.end()
    return void handle(pool, request.url!).then((status) => {
      answered++
      response.writeHead(status).end()
    })
  }
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
    await pool.end({ deadline: 100 })
    await database.drop()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, pool, answered: () => answered }
}

async function load(
  shop: Shop,
  ...args: readonly string[]
): Promise<LoadResult & { code: number }> {
  const { out, code, err } = await lifeguard(
    ['load', `${shop.url}/cart?token=canary`, '--report', `${shop.url}/report`, '--json', ...args],
    { LIFEGUARD_MONITOR: 'off' },
  )
  if (out === '') throw new Error(err)
  return { ...(JSON.parse(out) as LoadResult), code: code! }
}

void t.test('it counts what the server has answered, and what the pool did', async (t) => {
  const shop = await openShop(t, async (pool) => {
    await pool.query('SELECT 1')
    return 200
  })
  const result = await load(shop, '-c', '20', '-d', '1.5')
  t.equal(result.code, 0)
  t.match(result, { version: 1, url: `${shop.url}/cart`, connections: 20, failed: 0, problems: [] })
  // At the end, requests under way are cut off: the server has answered them, and nobody has heard it.
  t.ok(shop.answered() - result.answered <= 20)
  t.ok(result.answered > 20 && result.answered <= shop.answered())
  const { pools } = result
  t.equal(pools!.acquired, shop.pool.stats().acquired)
  t.match(pools, { max: 4, peakTotal: 4, inUseAfter: 0, timeouts: 0 })
  t.ok(pools!.peakInUse >= 1 && pools!.peakInUse <= 4)
  t.ok(result.latency!.p50Ms > 0 && result.latency!.maxMs >= result.latency!.p99Ms)
  t.equal(
    result.seconds.reduce((sum, { answered }) => sum + answered, 0),
    result.answered,
  )
})

void t.test('failures are told by their kind, and fail the load', async (t) => {
  let turn = 0
  const shop = await openShop(t, async () => (turn++ % 2 === 0 ? 200 : 503))
  const result = await load(shop, '-c', '2', '-d', '1')
  t.equal(result.code, 3)
  t.strictSame(Object.keys(result.failures), ['status 503'])
  t.match(result.problems, [/requests failed/])
})

/** A server without any pool, on which nobody but `answer` decides. */
async function openServer(t: Test, answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

async function loadOf(t: Test, url: string, ...args: string[]): Promise<LoadResult> {
  const env = { LIFEGUARD_RUNTIME_DIR: runtimeFolder(t) }
  const { out } = await lifeguard(['load', url, '-c', '2', '-d', '0.5', '--json', ...args], env)
  return JSON.parse(out) as LoadResult
}

void t.test('what is cut off is no answer', async (t) => {
  let turn = 0
  const url = await openServer(t, (_request, response) => {
    if (turn++ % 3 === 0) return response.end('whole')
    if (turn % 3 === 0) return response.destroy()
    response.write('half')
    return setTimeout(() => response.destroy(), 5)
  })
  const { answered, failures } = await loadOf(t, url)
  t.ok(answered > 0)
  t.strictSame(Object.keys(failures), ['broken connection'])
})

void t.test('nor is none at all', async (t) => {
  const url = await openServer(t, () => {})
  t.match(await loadOf(t, url), { answered: 0, failures: { 'unanswered at the end': 2 } })
  const { failures } = await loadOf(t, url, '--timeout', '0.1')
  t.strictSame(Object.keys(failures), ['timeout'])
})

void t.test('connections that the server closes between answers count for nothing', async (t) => {
  const url = await openServer(t, (_request, response) => {
    response.setHeader('connection', 'close')
    setTimeout(() => response.end(), 50)
  })
  const { problems, latency } = await loadOf(t, url)
  t.strictSame(problems, [])
  t.ok(latency!.p50Ms < 500, `${latency!.p50Ms} ms`)
})

void t.test('a chart that cannot be written is told of before the load', async (t) => {
  const url = await openServer(t, () => t.fail('nobody asks'))
  const { err, code } = await lifeguard(['load', url, '--chart', '/nowhere/load.svg'])
  t.match(err, /^lifeguard: --chart: ENOENT/)
  t.equal(code, 2)
})

void t.test('connections that are not given back fail it', async (t) => {
  let leaks = 0
  const shop = await openShop(t, async (pool) => {
    if (leaks++ < 2) await pool.acquire({ label: 'leak' })
    return 200
  })
  const result = await load(shop, '-c', '2', '-d', '1')
  t.equal(result.code, 3)
  t.match(result, { pools: { inUseBefore: 0, inUseAfter: 2, kept: 2 } })
  t.match(result.problems, ['2 connections were not given back'])
})

void t.test('a report for people and a picture, without secrets', async (t) => {
  const shop = await openShop(t, async (pool) => {
    await pool.query("SELECT 'canary'")
    return 200
  })
  const chart = join(runtimeFolder(t), 'load.svg')
  const url = `${shop.url.replace('//', '//ann:canary@')}/cart?token=canary`
  const header = 'Cookie: canary'
  const { out, err, code } = await lifeguard(
    [
      'load',
      url,
      '-H',
      header,
      '--report',
      `${shop.url}/report`,
      '-c',
      '4',
      '-d',
      '1',
      '--chart',
      chart,
    ],
    { LIFEGUARD_MONITOR: 'off' },
  )
  t.equal(code, 0, err)
  t.match(
    out,
    /^GET http:\/\/127\.0\.0\.1:\d+\/cart\n4 clients for 1\.\d s: .* per second\nlatency: p50/,
  )
  t.match(out, /^ +BEFORE +AT MOST +AFTER$/m)
  t.match(out, /^connections +\d+ +\d+ of 4 +\d+$/m)
  t.match(out, '● It held.')
  const svg = readFileSync(chart, 'utf8')
  t.match(svg, />max 4</)
  t.notMatch(out + err + svg, 'canary')
})

void t.test('a signal ends it early, and it is reported all the same', async (t) => {
  const shop = await openShop(t, async () => 200)
  const child = startCommand(['load', shop.url, '-c', '2', '-d', '600', '--json'], {
    LIFEGUARD_RUNTIME_DIR: runtimeFolder(t),
  })
  let out = ''
  child.stdout!.on('data', (chunk: Buffer) => (out += chunk.toString()))
  await waitFor(() => shop.answered() > 0)
  child.kill('SIGINT')
  await waitFor(() => child.exitCode !== null)
  const result = JSON.parse(out) as LoadResult
  t.ok(result.durationMs < 60_000)
  t.equal(result.answered > 0, true)
})

void t.test('only the URL need answer', async (t) => {
  const url = await openServer(t, (request, response) => {
    if (request.url === '/cart') response.end()
  })
  t.strictSame((await loadOf(t, `${url}cart`)).problems, [])
})

void t.test('what cannot be done is told at once', async (t) => {
  const nobody = await lifeguard(['load', 'http://127.0.0.1:1/?canary'])
  t.match(nobody.err, /^lifeguard: http:\/\/127\.0\.0\.1:1\/ cannot be reached: /)
  t.notMatch(nobody.err, 'canary')
  t.equal(nobody.code, 1)
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['load'], /missing required argument 'url'/],
    [['load', 'shop'], /^lifeguard: <url>: expected http/],
    [['load', 'http://x', '-c', 'many'], /expected a whole number/],
    [['load', 'http://x', '-H', 'Cookie canary'], /^lifeguard: --header: expected 'Name: value'/],
    [['load', 'ops:canary@x'], /^lifeguard: <url>: expected http/],
    [['monitor', '--url', 'htp://ops:canary@x'], /^lifeguard: --url: expected http/],
    [['monitor', '--url', 'http://ops:canary%zz@x'], /^lifeguard: --url: expected %25/],
    [['monitor', '--password=canary'], /unknown option '--password=…'/],
  ]
  for (const [args, message] of cases) {
    const { err, code } = await lifeguard(args)
    t.match(err, message)
    t.notMatch(err, 'canary')
    t.equal(code, 2)
  }
})
