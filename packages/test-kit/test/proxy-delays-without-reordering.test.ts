import { once } from 'node:events'

import t from 'tap'

import { echo, echoThroughProxy } from './support/echo-server.ts'

void t.test('chunks and the greeting', async (t) => {
  const { proxy, connect } = await echoThroughProxy(t)
  const socket = await connect()
  await echo(socket, 'warm')

  proxy.delay(60)
  let start = performance.now()
  t.equal(await echo(socket, 'slow'), 'slow')
  t.ok(performance.now() - start >= 118, 'late both ways')

  let received = ''
  socket.on('data', (chunk) => (received += chunk.toString()))
  socket.write('first,')
  await new Promise((resolve) => setTimeout(resolve, 20))
  proxy.heal()
  socket.write('second')
  while (received.length < 12) await once(socket, 'data')
  t.equal(received, 'first,second')

  proxy.delayGreeting(80)
  const greeted = await connect()
  start = performance.now()
  await echo(greeted, 'hello')
  t.ok(performance.now() - start >= 78, 'the first bytes are late')
  start = performance.now()
  await echo(greeted, 'again')
  t.ok(performance.now() - start < 60, 'the later ones are not')
})
