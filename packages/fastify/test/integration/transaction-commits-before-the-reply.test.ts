import { adminQuery, sharedDatabase } from '@lifeguard/test-kit'
import t from 'tap'

import { bankApp } from '../support/bank-app.ts'

const transactional = { config: { db: { transaction: true } } } as const

void t.test('what a route returns is sent after COMMIT', async (t) => {
  const { app, bank } = await bankApp(t)
  let seen: number | undefined
  app.addHook('onSend', async () => {
    seen = await bank.balance(1)
  })
  app.post('/pay', transactional, async (request, reply) => {
    await request.db.query('UPDATE account SET balance = balance - 10 WHERE id = 1')
    reply.code(201)
    return { paid: 10 }
  })
  const answer = await app.inject({ method: 'POST', url: '/pay' })
  t.equal(answer.statusCode, 201)
  t.same(answer.json(), { paid: 10 })
  t.equal(seen, 90, 'committed before the reply is on its way')
})

void t.test('a route that throws is rolled back', async (t) => {
  const { app, bank } = await bankApp(t)
  app.post('/pay', transactional, async (request) => {
    await request.db.query('UPDATE account SET balance = 0 WHERE id = 1')
    throw Object.assign(new Error('no'), { statusCode: 402 })
  })
  t.equal((await app.inject({ method: 'POST', url: '/pay' })).statusCode, 402)
  t.equal(await bank.balance(1), 100)
})

void t.test('all that the handler sends through the pool is in it', async (t) => {
  const { app, bank, pool } = await bankApp(t)
  app.post('/pay', transactional, async () => {
    await pool.query('UPDATE account SET balance = 0 WHERE id = 1')
    await pool.transaction((tx) => tx.query('UPDATE account SET balance = 0 WHERE id = 2'))
    throw new Error('no')
  })
  t.equal((await app.inject({ method: 'POST', url: '/pay' })).statusCode, 500)
  t.same([await bank.balance(1), await bank.balance(2)], [100, 100])
})

void t.test('a failed COMMIT fails the request', async (t) => {
  const { app, bank } = await bankApp(t)
  app.post('/pay', transactional, async (request) => {
    const [rows] = await request.db.query('SELECT CONNECTION_ID() AS id')
    await request.db.query('UPDATE account SET balance = 0 WHERE id = 1')
    await adminQuery(await sharedDatabase(), `KILL ${(rows as { id: number }[])[0]!.id}`)
    return { paid: 100 }
  })
  t.equal((await app.inject({ method: 'POST', url: '/pay' })).statusCode, 500)
  t.equal(await bank.balance(1), 100)
})

void t.test('isolation and readOnly are those of the route', async (t) => {
  const { app } = await bankApp(t)
  const transaction = { isolation: 'SERIALIZABLE', readOnly: true } as const
  app.get('/', { config: { db: { transaction } } }, async (request) => {
    await request.db.query('UPDATE account SET balance = 0')
  })
  const answer = await app.inject('/')
  t.match(answer.json(), { code: 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION' })
})

void t.test('the HEAD route that Fastify adds to a GET is in one transaction, too', async (t) => {
  const { app, pool } = await bankApp(t)
  app.get('/', transactional, async (request) => {
    await request.db.query('SELECT 1')
    return 'ok'
  })
  t.equal((await app.inject({ method: 'HEAD', url: '/' })).statusCode, 200)
  t.equal(pool.stats().acquired, 1)
})
