import { createPool } from '@lifeguard/core'
import { releaseDbConnection } from '@lifeguard/fastify'
import { sharedDatabase } from '@lifeguard/test-kit'
import fastify from 'fastify'
import t from 'tap'

import { bankApp } from '../support/bank-app.ts'

void t.test('hold is per app or per route', async (t) => {
  const { app, pool } = await bankApp(t, { plugin: { hold: 'transaction' } })
  const inUse = async (request: {
    db: { query(sql: string): Promise<unknown> }
  }): Promise<number> => {
    await request.db.query('SELECT 1')
    return pool.stats().inUse
  }
  app.get('/app', async (request) => ({ inUse: await inUse(request) }))
  app.get('/route', { config: { db: { hold: 'request' } } }, async (request) => ({
    inUse: await inUse(request),
  }))
  t.same((await app.inject('/app')).json(), { inUse: 0 })
  t.same((await app.inject('/route')).json(), { inUse: 1 })
})

void t.test('a mistake in them is named when the route is added', async (t) => {
  const { app } = await bankApp(t)
  const config = { db: { hold: 'forever', transactions: true, timeout: -1 } } as never
  t.throws(() => app.get('/orders', { config }, async () => 'ok'), {
    code: 'ERR_OPTIONS',
    message: /GET \/orders, config\.db[^]*hold[^]*timeout[^]*transactions: unknown option/,
  })
})

void t.test('a route that was added too early for them says so', async (t) => {
  const server = await sharedDatabase()
  const pool = createPool({ uri: server.uri('mysql'), min: 0 })
  const app = fastify()
  t.teardown(async () => {
    await app.close()
    await pool.end()
  })
  app.get('/early', { config: { db: { transaction: true } } }, async () => 'not in a transaction')
  await app.register(releaseDbConnection, { pool })
  const answer = await app.inject('/early')
  t.equal(answer.statusCode, 500)
  t.match(answer.json(), { code: 'ERR_OPTIONS', message: /await app\.register/ })
})

void t.test('options are read, never changed', async (t) => {
  const config = Object.freeze({ db: Object.freeze({ transaction: true }) })
  const options = Object.freeze({ config })
  const { app } = await bankApp(t, { plugin: Object.freeze({ timeout: 1000 }) })
  app.get('/', options, async () => 'ok')
  t.equal((await app.inject('/')).body, 'ok')
})
