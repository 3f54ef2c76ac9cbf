import { randomBytes } from 'node:crypto'

import { createPool } from '@lifeguard/core'
import { openTelemetryMetrics, prometheusMetrics } from '@lifeguard/metrics'
import { adminQuery, createDatabase, sharedDatabase } from '@lifeguard/test-kit'
import { Registry } from 'prom-client'
import t from 'tap'

import { startSdk } from './support/collection.ts'

const canary = (): string => `canary${randomBytes(4).toString('hex')}`

void t.test('no password, literal, value, label, user, id or statement', async (t) => {
  const server = await sharedDatabase()
  const database = await createDatabase(server)
  const [user, password, literal, value, label] = [
    canary(),
    canary(),
    canary(),
    canary(),
    canary(),
  ] as [string, string, string, string, string]
  await adminQuery(server, `CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`)
  await adminQuery(server, `GRANT ALL ON \`${database.name}\`.* TO '${user}'@'%'`)
  const uri = Object.assign(new URL(database.uri), { username: user, password }).href
  const pool = createPool({ uri, name: 'shop', max: 1, leakThreshold: 1 })
  t.teardown(async () => {
    await pool.end({ deadline: 0 })
    await adminQuery(server, `DROP USER '${user}'@'%'`)
    await database.drop()
  })
  const registry = new Registry()
  prometheusMetrics({ registry, hikari: true })
  const { meterProvider, collect } = startSdk(t)
  openTelemetryMetrics({ meterProvider })

  const lease = await pool.acquire({ label })
  await lease.query(`SELECT '${literal}', ? FROM DUAL`, [value])
  await t.rejects(lease.query(`SELECT '${literal}' FROM ${canary()}`))
  await t.rejects(pool.acquire({ label, timeout: 20 }))

  const seen = [await registry.metrics(), JSON.stringify(await collect())]
  for (const text of seen) {
    t.match(text, /shop/)
    t.notMatch(text, /canary/)
    t.notMatch(text, /SELECT/)
    t.notMatch(text, new RegExp(`\\b${lease.threadId}"`))
  }
  await lease.release()
})
