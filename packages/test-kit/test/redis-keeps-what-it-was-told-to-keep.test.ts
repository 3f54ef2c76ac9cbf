import { once } from 'node:events'
import { connect } from 'node:net'

import { canStartServers, startRedis, type RedisServer } from '@lifeguard/test-kit'
import t from 'tap'

async function ask(redis: RedisServer, command: string): Promise<string> {
  const socket = connect(redis.port, redis.host)
  socket.write(`${command}\r\n`)
  const [answer] = (await once(socket, 'data', { signal: AbortSignal.timeout(5000) })) as [Buffer]
  socket.destroy()
  return answer.toString()
}

const skip = !canStartServers('redis') && 'no Redis can be started here'

void t.test('with appendonly, through SIGKILL', { skip }, async (t) => {
  const redis = await startRedis({ appendonly: true })
  t.teardown(() => redis.stop())
  await ask(redis, 'SET k v')
  await redis.kill()
  t.notOk(redis.running)
  await t.rejects(ask(redis, 'PING'))
  await redis.restart()
  t.match(await ask(redis, 'GET k'), /v\r\n/)
})

void t.test('nothing without', { skip }, async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  await ask(redis, 'SET k v')
  await redis.restart()
  t.equal(await ask(redis, 'GET k'), '$-1\r\n')
})
