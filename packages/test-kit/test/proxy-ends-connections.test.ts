import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { startFaultProxy, waitFor } from '@lifeguard/test-kit'
import t from 'tap'

import { echo, echoThroughProxy } from './support/echo-server.ts'

void t.test('in order', async (t) => {
  const { proxy, serverSockets, connect } = await echoThroughProxy(t)
  const socket = await connect()
  await echo(socket, 'hello')
  socket.on('error', () => t.fail('no error'))
  proxy.cutAll()
  await once(socket, 'close')
  await waitFor(() => serverSockets.size === 0)
  t.equal(proxy.connections, 0)
})

void t.test('with a reset', async (t) => {
  const { proxy, serverSockets, connect } = await echoThroughProxy(t)
  const socket = await connect()
  await echo(socket, 'hello')
  proxy.resetAll()
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  t.equal(error.code, 'ECONNRESET')
  await waitFor(() => serverSockets.size === 0)
})

void t.test('on one side only', async (t) => {
  const { proxy, serverSockets, connect } = await echoThroughProxy(t)
  const socket = await connect()
  await echo(socket, 'hello')
  proxy.halfOpen()
  await waitFor(() => serverSockets.size === 0)
  socket.on('data', () => t.fail('nothing comes back'))
  socket.write('anybody there?')
  await sleep(50)
  t.notOk(socket.destroyed)
  t.equal(socket.readyState, 'open')
  t.equal(await echo(await connect(), 'new'), 'new', 'new connections work')
})

void t.test('before they begin', async (t) => {
  const { proxy, connect } = await echoThroughProxy(t)
  proxy.refuse()
  await once(await connect(), 'close')
  t.equal(proxy.refused, 1)
  t.equal(proxy.accepted, 0)
  proxy.refuse(false)
  t.equal(await echo(await connect(), 'hello'), 'hello')
})

void t.test('with a reset when the server is down', async (t) => {
  const proxy = await startFaultProxy({ host: '127.0.0.1', port: 1 })
  t.teardown(() => proxy.stop())
  const [error] = (await once(connect(proxy.port, proxy.host), 'error')) as [NodeJS.ErrnoException]
  t.equal(error.code, 'ECONNRESET')
})
