import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'

import { createPool, type Pool, type Scope } from '@lifeguard/core'
import { releaseDbConnection } from '@lifeguard/fastify'
import { type Bank, createBank, waitFor } from '@lifeguard/test-kit'
import { LARGE } from '@lifeguard/test-kit/http-contract'
import fastify from 'fastify'
import t, { type Test } from 'tap'

import { lateUse } from '../support/late-use.ts'

interface Http2World {
  readonly bank: Bank
  readonly pool: Pool
  readonly session: ClientHttp2Session
  readonly scopes: Scope[]
  idle(): Promise<void>
}

async function http2App(t: Test): Promise<Http2World> {
  const bank = await createBank()
  const pool = createPool({ uri: bank.uri, min: 0, max: 4 })
  const app = fastify({ http2: true, http2SessionTimeout: 1000 })
  const scopes: Scope[] = []
  await app.register(releaseDbConnection, { pool })
  app.addHook('preHandler', async (request) => {
    scopes.push(request.db)
    await request.db.query('START TRANSACTION')
    await request.db.query(`UPDATE account SET balance = 0 WHERE id = ${scopes.length}`)
  })
  app.get('/', async () => 'ok')
  app.route({
    method: ['GET', 'POST'],
    url: '/sleep',
    handler: async (request) => request.db.query('SELECT SLEEP(30)'),
  })
  app.get('/large', async () => LARGE)
  const session = connect(await app.listen({ port: 0, host: '127.0.0.1' }))
  session.on('error', () => {})
  t.teardown(async () => {
    session.destroy()
    await app.close()
    await pool.end()
    await bank.drop()
  })
  const idle = (): Promise<void> => waitFor(() => pool.stats().inUse + pool.stats().busy === 0)
  return { bank, pool, session, scopes, idle }
}

function ask(session: ClientHttp2Session, path: string, method = 'GET'): ClientHttp2Stream {
  const stream = session.request(
    { ':path': path, ':method': method },
    { endStream: method === 'GET' },
  )
  stream.on('error', () => {})
  if (method === 'POST') stream.end()
  return stream
}

void t.test('when the response has ended', async (t) => {
  const { bank, pool, session, scopes, idle } = await http2App(t)
  const stream = ask(session, '/').resume()
  await once(stream, 'close')
  await idle()
  t.equal(await lateUse(scopes[0]!), 'ERR_SCOPE_ENDED')
  t.equal(await bank.balance(1), 100)
  t.match(pool.stats(), { acquired: 1, released: 1 })
})

for (const method of ['GET', 'POST']) {
  void t.test(`when one is reset, and the other goes on (${method})`, async (t) => {
    const { bank, pool, session, scopes, idle } = await http2App(t)
    const reset = ask(session, '/sleep', method)
    await waitFor(() => pool.stats().inUse === 1)
    const other = ask(session, '/').resume()
    reset.close(constants.NGHTTP2_CANCEL)
    await once(other, 'close')
    await idle()
    t.equal(await lateUse(scopes[0]!), 'ERR_SCOPE_ENDED')
    t.same([await bank.balance(1), await bank.balance(2)], [100, 100])
    t.match(pool.stats(), { acquired: 2, released: 2, kills: 1 })
  })
}

void t.test('when the whole session is gone', async (t) => {
  const { bank, pool, session, idle } = await http2App(t)
  ask(session, '/sleep')
  ask(session, '/sleep', 'POST')
  await waitFor(() => pool.stats().inUse === 2)
  session.destroy()
  await idle()
  t.same([await bank.balance(1), await bank.balance(2)], [100, 100])
  t.match(pool.stats(), { acquired: 2, released: 2, kills: 2 })
})

void t.test('when the reader is slow', async (t) => {
  const { session, scopes, idle } = await http2App(t)
  const stream = ask(session, '/large')
  await once(stream, 'response')
  stream.pause()
  await idle()
  t.notOk(scopes[0]!.ended, 'the client has not read all')
  stream.close(constants.NGHTTP2_CANCEL)
  await waitFor(() => scopes[0]!.ended)
})
