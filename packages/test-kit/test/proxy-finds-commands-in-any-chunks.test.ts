import { Command, startFaultProxy, waitFor } from '@lifeguard/test-kit'
import fc from 'fast-check'
import t from 'tap'

import { echoThroughProxy } from './support/echo-server.ts'

function packet(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4)
  header.writeUIntLE(payload.length, 0, 3)
  header[3] = sequence
  return Buffer.concat([header, payload])
}

const query = (sql: string): Buffer => packet(0, Buffer.from(`\x03${sql}`))
const queryWithAttributes = (sql: string): Buffer => packet(0, Buffer.from(`\x03\x00\x01${sql}`))

const bytes = Buffer.concat([
  packet(1, Buffer.from('handshake')),
  query('SELECT 1'),
  queryWithAttributes('SELECT 2'),
  packet(0, Buffer.from([Command.ping])),
  query(`SELECT '${'x'.repeat(300)}'`),
])
const expected = ['SELECT 1', 'SELECT 2', '', `SELECT '${'x'.repeat(300)}'`]

void t.test('wherever the chunks are cut', async (t) => {
  const { proxy, connect } = await echoThroughProxy(t)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 6 }), async (cuts) => {
      proxy.clearCommands()
      const socket = await connect()
      socket.setNoDelay(true)
      const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
      for (let i = 1; i < places.length; i++) {
        socket.write(bytes.subarray(places[i - 1], places[i]))
        // On loopback, enough for the proxy to read this chunk alone, most of the time.
        await new Promise((resolve) => setImmediate(resolve))
      }
      await waitFor(() => proxy.commands.length === expected.length, { every: 1 })
      const texts = proxy.commands.map((command) => command.text)
      socket.destroy()
      if (texts.join('|') !== expected.join('|')) throw new Error(texts.join('|'))
    }),
    { numRuns: 60 },
  )
})

void t.test('one chunk with several commands is one write', async (t) => {
  const { proxy, connect } = await echoThroughProxy(t)
  const socket = await connect()
  socket.write(bytes)
  await waitFor(() => proxy.commands.length === expected.length)
  t.equal(proxy.writes, 1)
  t.strictSame(
    proxy.commands.map((command) => command.code),
    [Command.query, Command.query, Command.ping, Command.query],
  )
})

void t.test('a listener hears of a command before the server does', async (t) => {
  const { proxy, connect, serverSockets } = await echoThroughProxy(t)
  const socket = await connect()
  let received = 0
  await waitFor(() => serverSockets.size === 1)
  for (const server of serverSockets) server.on('data', (chunk) => (received += chunk.length))
  proxy.onCommand((command) => command.text === 'COMMIT' && proxy.cutAll())
  socket.write(query('COMMIT'))
  await waitFor(() => serverSockets.size === 0)
  t.equal(received, 0)
})

void t.test('a stopped proxy is gone', async (t) => {
  const proxy = await startFaultProxy({ host: '127.0.0.1', port: 1 })
  await proxy.stop()
  await proxy.stop()
  await t.rejects(fetch(`http://127.0.0.1:${proxy.port}`))
})
