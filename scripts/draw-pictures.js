// node scripts/draw-pictures.js
//
// Draws docs/pictures/ anew: the command on a real terminal, in front of two processes under load with a leak, a stuck
// transaction and a slow query, and the dashboard's queries as a real Prometheus answers them. Takes two minutes.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { openTerminal } from '../packages/monitor/build/test/support/pseudo-terminal.js'
import { createDatabase, startMariadb, startPrometheus } from '../packages/test-kit/dist/index.js'
import { dashboardSvg } from './pictures/dashboard-svg.js'
import { terminalSvg } from './pictures/terminal-svg.js'

const SMALL = { cols: 80, rows: 24 }
const WIDE = { cols: 110, rows: 60 }
const CLIENTS = 12
const DASHBOARD = 'packages/metrics/grafana/lifeguard.json'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const folder = mkdtempSync(join(tmpdir(), 'lifeguard-pictures-'))
const server = await startMariadb({ maxConnections: 100 })
const ends = []
let over = false
const scene = { teardown: (end) => void ends.push(end) }
try {
  const database = await createDatabase(server)
  const env = { DATABASE_URL: database.uri, LIFEGUARD_RUNTIME_DIR: folder }
  const [first, second] = [await startApp(env), await startApp(env)]
  const targets = [first, second].map((url) => new URL(url).host)
  const prometheus = await startPrometheus({ targets })
  ends.push(() => prometheus.stop())
  putLoadOn(second)

  await load(first, env)
  for (const fault of ['leak', 'stuck-transaction', 'slow-query']) {
    void ask(`${first}/faults/${fault}`)
  }
  putLoadOn(first)
  await sleep(5000)
  await monitor(env)
  void fetch(`${second}/orders/2`, { method: 'POST' }).catch(() => {})
  await sleep(3000)
  await monitorOnce(env)
  await doctor(env)
  await sleep(25_000)
  const dashboard = JSON.parse(readFileSync(DASHBOARD, 'utf8'))
  save('dashboard', await dashboardSvg(dashboard, prometheus, 60))
} finally {
  over = true
  for (const end of ends.toReversed()) await end()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function startApp(env) {
  const app = spawn(process.execPath, ['examples/observed-app/dist/server.js'], {
    env: { ...process.env, ...env, PORT: '0', LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  ends.push(() => app.kill('SIGKILL'))
  for await (const line of createInterface({ input: app.stdout })) return line.split(' ').at(-1)
  throw new Error('the app ended')
}

function ask(url) {
  return fetch(url).then(
    (response) => response.text(),
    () => {},
  )
}

function putLoadOn(url) {
  const client = async () => {
    for (let turn = 0; !over; turn++) {
      await (turn % 7 === 0
        ? fetch(`${url}/orders/1`, { method: 'POST' }).catch(() => {})
        : ask(`${url}/products/1`))
      await sleep(Math.random() * 20)
    }
  }
  for (let i = 0; i < CLIENTS; i++) void client()
}

async function load(url, env) {
  const chart = ['--chart', 'docs/pictures/load-chart.svg']
  const args = ['load', `${url}/products/1`, '-c', '200', '-d', '8', '--db', ...chart]
  await picture('load', args, env)
}

async function monitorOnce(env) {
  await picture('monitor-once', ['monitor', '--db'], env)
}

async function monitor(env) {
  const terminal = open(['monitor', '--watch', '--db'], env, SMALL)
  await sleep(12_000)
  save('monitor', terminalSvg(terminal.xterm, 'lifeguard monitor --watch --db'))
  terminal.type('j\r')
  await terminal.until(/^connection/m)
  save('monitor-holder', terminalSvg(terminal.xterm, 'one holder'))
  terminal.type('\u001b')
  await terminal.until(/tab pools/)
  terminal.type('\t\r')
  await terminal.until(/SINCE THE START/)
  save('monitor-pool', terminalSvg(terminal.xterm, 'one pool'))
  terminal.type('\u001b')
  await terminal.until(/tab holders/)
  terminal.type('d')
  await terminal.until(/^CONNECTIONS/m)
  save('monitor-server', terminalSvg(terminal.xterm, "the server's side"))
  terminal.type('q')
  await terminal.ended
}

async function doctor(env) {
  const args = ['doctor', '--processes', '12']
  await picture('doctor', args, env)
}

async function picture(name, args, env) {
  const terminal = open(args, env, WIDE)
  await terminal.ended
  // What the terminal was written is parsed a moment later.
  await sleep(200)
  save(name, terminalSvg(terminal.xterm, `lifeguard ${args.join(' ')}`))
}

function open(args, env, size) {
  return openTerminal(scene, args, { ...env, FORCE_COLOR: '1', NO_COLOR: '' }, size)
}

function save(name, svg) {
  writeFileSync(`docs/pictures/${name}.svg`, svg)
  console.log(`docs/pictures/${name}.svg`)
}
