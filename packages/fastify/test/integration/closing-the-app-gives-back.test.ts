import type { Scope } from '@lifeguard/core'
import { lifeguard } from '@lifeguard/fastify'
import { createBank, get, sharedDatabase, threadsConnected, waitFor } from '@lifeguard/test-kit'
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import t, { type Test } from 'tap'

import { lateUse } from '../support/late-use.ts'

interface ClosingApp {
  readonly app: FastifyInstance
  readonly scopes: Scope[]
  balance(): Promise<number>
  connections(): Promise<number>
  ask(path: string): Promise<number | 'torn off'>
}

async function closingApp(t: Test, options: FastifyServerOptions = {}): Promise<ClosingApp> {
  const bank = await createBank()
  const app = fastify(options)
  const scopes: Scope[] = []
  await app.register(lifeguard, { uri: bank.uri, min: 0, max: 3, endDeadline: 1500 })
  app.addHook('preHandler', async (request) => {
    scopes.push(request.db)
    await request.db.query('START TRANSACTION')
    await request.db.query('UPDATE account SET balance = 0 WHERE id = 1')
  })
  app.get('/short', async (request) => {
    await request.db.query('SELECT SLEEP(0.5)')
    await request.db.query('COMMIT')
    return 'ok'
  })
  app.get('/long', async (request) => request.db.query('SELECT SLEEP(30)'))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => {
    app.server.closeAllConnections()
    await bank.drop()
  })
  return {
    app,
    scopes,
    balance: () => bank.balance(1),
    connections: async () => threadsConnected(await sharedDatabase(), bank.name),
    // On a connection of its own: a kept one would be waited for.
    ask: (path) =>
      get(`${url}${path}`).then(
        ({ status }) => status,
        () => 'torn off',
      ),
  }
}

void t.test('close() lets requests finish', async (t) => {
  const { app, scopes, balance, connections, ask } = await closingApp(t)
  const asking = ask('/short')
  await waitFor(() => app.db.stats().inUse === 1)
  await app.close()
  t.equal(await asking, 200)
  t.equal(await balance(), 0, 'committed')
  t.equal(await lateUse(scopes[0]!), 'ERR_SCOPE_ENDED')
  await waitFor(async () => (await connections()) === 0)
})

void t.test('a forced close cuts them', async (t) => {
  const { app, scopes, balance, connections, ask } = await closingApp(t, {
    forceCloseConnections: true,
  })
  const asking = ask('/long')
  await waitFor(() => app.db.stats().inUse === 1)
  await app.close()
  t.equal(await asking, 'torn off')
  t.match(app.db.stats(), { inUse: 0, total: 0, acquired: 1, released: 1 })
  t.equal(await lateUse(scopes[0]!), 'ERR_SCOPE_ENDED')
  await waitFor(async () => (await connections()) === 0)
  t.equal(await balance(), 100)
})
