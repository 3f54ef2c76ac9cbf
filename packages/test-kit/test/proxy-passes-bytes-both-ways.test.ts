import { once } from 'node:events'

import { waitFor } from '@lifeguard/test-kit'
import t from 'tap'

import { echo, echoThroughProxy } from './support/echo-server.ts'

void t.test('and ends, and counts', async (t) => {
  const { proxy, serverSockets, connect } = await echoThroughProxy(t)
  const socket = await connect()
  t.equal(await echo(socket, 'hello'), 'hello')
  t.equal(proxy.connections, 1)

  socket.end()
  await once(socket, 'close')
  await waitFor(() => serverSockets.size === 0, { label: "the client's end reaches the server" })
  t.equal(proxy.connections, 0)
  t.equal(proxy.accepted, 1)
})
