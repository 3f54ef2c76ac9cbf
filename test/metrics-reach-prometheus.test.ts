import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { livePools } from '@lifeguard/core'
import { buildApp } from '@lifeguard/example-observed-app'
import {
  canStartPrometheus,
  canStartServers,
  createDatabase,
  get,
  hangUp,
  type PrometheusServer,
  promtool,
  sharedDatabase,
  startPrometheus,
  waitFor,
} from '@lifeguard/test-kit'
import t, { type Test } from 'tap'

const skip = canStartServers() && canStartPrometheus() ? false : 'no Prometheus to be had here'

const RULES = fileOf('prometheus/lifeguard.rules.yml')
const PATIENCE_MS = 40_000

interface Panel {
  readonly title: string
  readonly type: string
  readonly description?: string
  readonly targets?: readonly { readonly expr: string }[]
}

void t.test('the rules are sound, and their alerts fire when they should', { skip }, async (t) => {
  t.match(await promtool('check', 'rules', RULES), /SUCCESS/)
  t.match(await promtool('test', 'rules', fileOf('prometheus/lifeguard.rules.test.yml')), /SUCCESS/)
})

void t.test('every panel of the dashboard has data', { skip, timeout: 90_000 }, async (t) => {
  const { target, url } = await startApp(t)
  const prometheus = await startPrometheus({ targets: [target], ruleFiles: [RULES] })
  t.teardown(() => prometheus.stop())
  const missing = new Set(queries())
  t.ok(missing.size > 20)
  const stopLoad = loadOn(url)
  t.teardown(stopLoad)

  await waitFor(
    async () => {
      for (const query of missing) {
        if (await hasData(prometheus, query)) missing.delete(query)
      }
      return missing.size === 0
    },
    { label: 'data for every query', timeout: PATIENCE_MS, every: 500 },
  ).catch(() => {})
  t.same([...missing], [], 'queries that have no data')

  await seen(t, prometheus, 'a stuck transaction', 'lifeguard_transaction_longest_idle_seconds > 1')
  await seen(t, prometheus, 'a killed statement', 'lifeguard_connection_kills_total > 0')
  await seen(t, prometheus, 'the rules see it, too', 'lifeguard:connection_used:ratio > 0')
  await stopLoad()

  const { groups } = (await prometheus.api('rules')) as {
    groups: { rules: { name: string; health: string; lastError?: string }[] }[]
  }
  const rules = groups.flatMap((group) => group.rules)
  t.ok(rules.length > 10)
  for (const { name, health, lastError } of rules) t.equal(health, 'ok', `${name} ${lastError}`)
})

void t.test('every panel says what to do, and its queries keep to the variables', async (t) => {
  for (const { title, type, description, targets } of panels()) {
    if (type === 'row') continue
    t.ok(description && description.length > 10, title)
    for (const { expr } of targets!) {
      t.match(expr, /job=~"\$job"/, title)
      t.match(expr, /db_client_connection_pool_name=~"\$pool"/, title)
    }
  }
})

/** The app, to be asked by Prometheus at `target`. */
async function startApp(t: Test): Promise<{ target: string; url: string }> {
  process.env['LOG_LEVEL'] = 'silent'
  const database = await createDatabase(await sharedDatabase())
  const app = await buildApp({ databaseUrl: database.uri, max: 6 })
  t.teardown(async () => {
    await app.close()
    await database.drop()
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const target = `127.0.0.1:${(app.server.address() as AddressInfo).port}`
  return { target, url: `http://${target}` }
}

/** Requests of every kind, one that never ends, and connections that have to be opened again. */
function loadOn(url: string): () => Promise<void> {
  let running = true
  let stop!: () => void
  const stopped = new Promise<void>((resolve) => (stop = resolve))
  const [pool] = livePools()
  const stuck = hangUp(`${url}/faults/stuck-transaction`, stopped)
  const work = (async () => {
    while (running) {
      await Promise.all([get(`${url}/products/1`), get(`${url}/products/1`)])
      await hangUp(`${url}/faults/slow-query`, sleep(50))
      await sleep(50)
      pool!.evictAll()
    }
  })()
  return async () => {
    running = false
    stop()
    await Promise.all([work, stuck])
  }
}

/** The queries of all panels, as Grafana would send them. */
function queries(): string[] {
  const variables: Readonly<Record<string, string>> = {
    $job: '.*',
    $pool: '.*',
    $__rate_interval: '10s',
    $__range: '1m',
  }
  return panels()
    .flatMap(({ targets = [] }) => targets)
    .map(({ expr }) => expr.replaceAll(/\$\w+/g, (name) => variables[name] ?? name))
}

/** At least one value, and each of them a number: a quantile or a ratio of nothing is none. */
async function hasData(prometheus: PrometheusServer, query: string): Promise<boolean> {
  const values = await prometheus.query(query)
  return values.length > 0 && values.every((value) => !Number.isNaN(value))
}

async function seen(
  t: Test,
  prometheus: PrometheusServer,
  what: string,
  query: string,
): Promise<void> {
  await waitFor(async () => (await prometheus.query(query)).length > 0, { label: query })
  t.pass(what)
}

function panels(): readonly Panel[] {
  const dashboard = readFileSync(fileOf('grafana/lifeguard.json'), 'utf8')
  return (JSON.parse(dashboard) as { panels: readonly Panel[] }).panels
}

function fileOf(path: string): string {
  return fileURLToPath(import.meta.resolve(`@lifeguard/metrics/${path}`))
}
