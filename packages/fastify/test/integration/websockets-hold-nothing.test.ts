import { once } from 'node:events'

import websocket from '@fastify/websocket'
import { waitFor } from '@lifeguard/test-kit'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'

import { bankApp, type BankApp } from '../support/bank-app.ts'

interface WebSocketWorld extends BankApp {
  open(path: string): Promise<WebSocket>
}

async function webSocketApp(t: Test): Promise<WebSocketWorld> {
  const world = await bankApp(t)
  await world.app.register(websocket)
  const open = async (path: string): Promise<WebSocket> => {
    const { port } = world.app.server.address() as { port: number }
    const client = new WebSocket(`ws://127.0.0.1:${port}${path}`)
    await once(client, 'open')
    return client
  }
  return { ...world, open }
}

async function ask(client: WebSocket, question: string): Promise<string> {
  const answer = once(client, 'message')
  client.send(question)
  return String((await answer)[0])
}

void t.test('between messages, and their scope ends with the socket', async (t) => {
  const { app, pool, open } = await webSocketApp(t)
  let ended!: AbortSignal
  app.get('/live', { websocket: true }, (socket, request) => {
    ended = request.db.signal
    socket.on('message', () => {
      request.db.query('SELECT 1 AS one').then(
        ([rows]) => socket.send(JSON.stringify(rows)),
        (error: Error) => socket.send(error.message),
      )
    })
  })
  await app.listen({ port: 0 })
  const clients = await Promise.all(Array.from({ length: 10 }, () => open('/live')))
  for (const client of clients) t.equal(await ask(client, 'now'), '[{"one":1}]')
  t.match(pool.stats(), { inUse: 0, acquired: 10, released: 10 })
  for (const client of clients) client.close()
  await waitFor(() => ended.aborted)
  t.equal(pool.stats().inUse, 0)
})

void t.test('unless their route says so, and then until the socket closes', async (t) => {
  const { app, bank, pool, open } = await webSocketApp(t)
  const config = { db: { hold: 'request' } } as const
  app.get('/live', { websocket: true, config }, (socket, request) => {
    socket.on('message', (statement: Buffer) => {
      request.db.query(statement.toString()).then(
        () => socket.send('done'),
        (error: Error) => socket.send(error.message),
      )
    })
  })
  await app.listen({ port: 0 })
  const client = await open('/live')
  t.equal(await ask(client, 'START TRANSACTION'), 'done')
  t.equal(await ask(client, 'UPDATE account SET balance = 0 WHERE id = 1'), 'done')
  t.equal(pool.stats().inUse, 1)
  client.terminate()
  await waitFor(() => pool.stats().inUse + pool.stats().busy === 0)
  t.equal(await bank.balance(1), 100)
})
