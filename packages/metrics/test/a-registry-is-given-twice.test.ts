import { createPool } from '@lifeguard/core'
import { prometheusMetrics } from '@lifeguard/metrics'
import { Gauge, register, Registry } from 'prom-client'
import t from 'tap'

import { copyOfThePackage } from './support/copy-of-the-package.ts'
import { scrape, valueOf } from './support/exposition.ts'
import { freshPool } from './support/fresh-pool.ts'

void t.test('every pool is there once, as the latest call has it', async (t) => {
  await freshPool(t, { name: 'shop', max: 3 })
  const registry = new Registry()
  const first = prometheusMetrics({ registry, labels: { build: 'old' } })
  const second = prometheusMetrics({ registry, labels: { build: 'new' } })
  const builds = async (): Promise<unknown> => [
    ...new Set((await scrape(registry)).map(({ labels }) => labels['build'])),
  ]
  t.same(await builds(), ['new'])
  second.stop()
  t.same(await builds(), ['old'])
  first.stop()
  t.same(registry.getMetricsAsArray(), [])
})

void t.test('two calls for two pools tell of both', async (t) => {
  const { pool: one, uri } = await freshPool(t, { name: 'one', max: 1 })
  const two = createPool({ uri, name: 'two', max: 2 })
  t.teardown(() => two.end())
  const registry = new Registry()
  prometheusMetrics({ registry, pools: [one], labels: { team: 'a' } })
  const second = prometheusMetrics({ registry, pools: [two], labels: { team: 'b' } })
  const max = async (team: string): Promise<unknown> =>
    valueOf(await scrape(registry), 'db_client_connection_max', { team })
  t.same([await max('a'), await max('b')], [1, 2])
  second.stop()
  second.stop()
  t.same([await max('a'), await max('b')], [1, undefined])
})

void t.test('a second copy of the package joins the first', async (t) => {
  const { pool } = await freshPool(t, { name: 'shop', max: 3 })
  const { prometheusMetrics: copy } = await copyOfThePackage(t)
  t.not(copy, prometheusMetrics)
  const registry = new Registry()
  const first = prometheusMetrics({ registry, pools: [pool] })
  const second = copy({ registry, pools: [pool], hikari: true })
  t.equal(valueOf(await scrape(registry), 'hikaricp_connections_max'), 3)
  first.stop()
  t.equal(valueOf(await scrape(registry), 'db_client_connection_max'), 3)
  second.stop()
  t.same(registry.getMetricsAsArray(), [])
})

void t.test('the hikari names go with the call that wanted them', async (t) => {
  await freshPool(t, { name: 'shop', max: 3 })
  const registry = new Registry()
  prometheusMetrics({ registry })
  const second = prometheusMetrics({ registry, hikari: true })
  t.equal(valueOf(await scrape(registry), 'hikaricp_connections_max'), 3)
  second.stop()
  t.equal(valueOf(await scrape(registry), 'hikaricp_connections_max'), undefined)
  t.equal(valueOf(await scrape(registry), 'db_client_connection_max'), 3)
})

void t.test('the hikari names stay where a later call does not want them', async (t) => {
  await freshPool(t, { name: 'shop', max: 3 })
  const registry = new Registry()
  prometheusMetrics({ registry, hikari: true })
  prometheusMetrics({ registry, labels: { build: 'new' } })
  const samples = await scrape(registry)
  t.equal(valueOf(samples, 'hikaricp_connections_max'), 3)
  t.equal(valueOf(samples, 'db_client_connection_max', { build: 'new' }), 3)
})

void t.test('a registry that was cleared can be filled again', async (t) => {
  await freshPool(t, { name: 'shop', max: 3 })
  const registry = new Registry()
  const old = prometheusMetrics({ registry })
  registry.clear()
  prometheusMetrics({ registry })
  old.stop()
  t.equal(valueOf(await scrape(registry), 'db_client_connection_max'), 3)
})

void t.test("somebody else's metric is not touched, and we leave nothing behind", async (t) => {
  const registry = new Registry()
  const name = 'lifeguard_breaker_open'
  const theirs = new Gauge({ name, help: 'theirs', registers: [registry] })
  t.throws(() => prometheusMetrics({ registry }), {
    code: 'ERR_OPTIONS',
    message: /lifeguard_breaker_open/,
  })
  t.same(registry.getMetricsAsArray(), [theirs])
})

void t.test('a label that cannot be one is refused', async (t) => {
  for (const name of ['le', '__name__', 'pool-name', '']) {
    t.throws(() => prometheusMetrics({ registry: new Registry(), labels: { [name]: 'x' } }), {
      code: 'ERR_OPTIONS',
    })
  }
})

void t.test('the global registry stays empty', async (t) => {
  prometheusMetrics({ registry: new Registry() })
  t.same(register.getMetricsAsArray(), [])
})
