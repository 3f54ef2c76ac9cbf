import { setTimeout as sleep } from 'node:timers/promises'

import { waitFor } from '@lifeguard/test-kit'
import t from 'tap'

import { echo, echoThroughProxy } from './support/echo-server.ts'

void t.test('bytes and ends, of old and new connections', async (t) => {
  const { proxy, serverSockets, connect } = await echoThroughProxy(t)
  const early = await connect()
  await echo(early, 'hello')

  proxy.blackHole()
  const late = await connect()
  for (const socket of [early, late]) {
    socket.on('data', () => t.fail('nothing comes back'))
    socket.on('close', () => t.fail('nor an end'))
    socket.write('anybody there?')
  }
  await sleep(100)

  proxy.heal()
  early.write('and now?')
  await sleep(50)
  t.equal(await echo(await connect(), 'new'), 'new', 'new connections work again')

  early.removeAllListeners('close')
  late.removeAllListeners('close')
  early.destroy()
  late.destroy()
  await waitFor(() => serverSockets.size === 1, { label: 'the server hears of the end after heal' })
})
