import { once } from 'node:events'

import { hangUp, waitFor } from '@lifeguard/test-kit'
import t from 'tap'

import { bankApp } from '../support/bank-app.ts'

const PAY = 'UPDATE account SET balance = 0 WHERE id = 1'

void t.test('not when the client has left while the handler worked', async (t) => {
  const { app, bank, pool } = await bankApp(t)
  const working = resolvers()
  const finished = resolvers()
  app.get('/', { config: { db: { transaction: true } } }, async (request) => {
    await request.db.query(PAY)
    working.resolve()
    await once(request.db.signal, 'abort')
    finished.resolve()
    return 'paid'
  })
  const url = await app.listen({ port: 0 })
  await hangUp(url, working.promise)
  await finished.promise
  await waitFor(() => pool.stats().inUse + pool.stats().busy === 0)
  t.equal(await bank.balance(1), 100)
})

void t.test('not when the handler goes on though its time is up', async (t) => {
  const { app, bank } = await bankApp(t)
  const late = resolvers()
  let failed: unknown
  const slow = { handlerTimeout: 200, config: { db: { transaction: true } } }
  app.get('/', slow, async (request) => {
    await request.db.query(PAY)
    await late.promise
    failed = await request.db.query(PAY).catch((error: unknown) => error)
    return 'paid'
  })
  const url = await app.listen({ port: 0 })
  const answer = await fetch(url)
  t.equal(answer.status, 503)
  t.match(await answer.json(), { code: 'FST_ERR_HANDLER_TIMEOUT' })
  late.resolve()
  await waitFor(() => failed)
  t.match(failed, { code: 'ERR_SCOPE_ENDED' })
  t.equal(await bank.balance(1), 100)
})

void t.test('not when an error was sent', async (t) => {
  const { app, bank } = await bankApp(t)
  app.get('/', { config: { db: { transaction: true } } }, async (request, reply) => {
    await request.db.query(PAY)
    return reply.code(402).send(new Error('no money'))
  })
  const answer = await app.inject('/')
  t.equal(answer.statusCode, 402)
  t.match(answer.json(), { message: 'no money' })
  t.equal(await bank.balance(1), 100)
})

void t.test('not when an error was returned', async (t) => {
  const { app, bank } = await bankApp(t)
  app.get('/', { config: { db: { transaction: true } } }, async (request) => {
    await request.db.query(PAY)
    return new Error('no money')
  })
  t.equal((await app.inject('/')).statusCode, 500)
  t.equal(await bank.balance(1), 100)
})

function resolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void
  const promise = new Promise<void>((res) => (resolve = res))
  return { promise, resolve }
}
