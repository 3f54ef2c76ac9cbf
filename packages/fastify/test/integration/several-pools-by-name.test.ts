import type { Pool, Scope } from '@lifeguard/core'
import { lifeguard, releaseDbConnection } from '@lifeguard/fastify'
import { createBank } from '@lifeguard/test-kit'
import fastify from 'fastify'
import t from 'tap'

import { bankApp } from '../support/bank-app.ts'

declare module 'fastify' {
  interface FastifyInstance {
    reportsDb: Pool
  }
  interface FastifyRequest {
    reportsDb: Scope
  }
  interface FastifyContextConfig {
    reportsDb?: { transaction: boolean }
  }
}

void t.test('each has its decorators, its transactions and its connections', async (t) => {
  const { app, bank, pool } = await bankApp(t)
  const reports = await createBank()
  await app.register(lifeguard, { name: 'reportsDb', uri: reports.uri, min: 0 })
  const both = { config: { db: { transaction: true }, reportsDb: { transaction: true } } }
  app.get('/', both, async (request) => {
    t.equal(pool.currentScope, request.db)
    t.equal(app.reportsDb.currentScope, request.reportsDb)
    await request.db.query('UPDATE account SET balance = 1 WHERE id = 1')
    await request.reportsDb.query('UPDATE account SET balance = 2 WHERE id = 1')
  })
  t.equal((await app.inject('/')).statusCode, 200)
  t.equal(await bank.balance(1), 1)
  t.equal(await reports.balance(1), 2)
  t.equal(pool.stats().acquired, 1)
  t.equal(app.reportsDb.stats().acquired, 1)
  await app.close()
  await reports.drop()
})

void t.test('a name that is taken is explained', async (t) => {
  const { app, pool } = await bankApp(t)
  await t.rejects(async () => {
    await app.register(releaseDbConnection, { pool })
  }, /name of its own/)
})

void t.test('a plugin of a part of the app serves that part', async (t) => {
  const { pool } = await bankApp(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(async (part) => {
    await part.register(releaseDbConnection, { pool })
    part.get('/inside', async (request) => (await request.db.query('SELECT 1 AS one'))[0])
  })
  app.get('/outside', async (request) => ({ db: request.db === undefined }))
  t.same((await app.inject('/inside')).json(), [{ one: 1 }])
  t.same((await app.inject('/outside')).json(), { db: true })
})

void t.test('options that make no sense are refused', async (t) => {
  const { pool } = await bankApp(t)
  const app = fastify()
  await t.rejects(async () => {
    await app.register(releaseDbConnection, {} as never)
  }, /createPool/)
  const wrong = fastify()
  await t.rejects(
    async () => {
      await wrong.register(releaseDbConnection, { pool, hold: 'never' as never })
    },
    {
      code: 'ERR_OPTIONS',
      message: /hold/,
    },
  )
})
