import { createPool } from '@lifeguard/core'
import { type FaultProxy, sharedDatabase, startFaultProxy } from '@lifeguard/test-kit'
import t, { type Test } from 'tap'

/** A server that falls silent when the first new connection is being tested. */
async function silentAtFirstTest(t: Test): Promise<FaultProxy> {
  const proxy = await startFaultProxy(await sharedDatabase())
  t.teardown(() => proxy.stop())
  const stop = proxy.onCommand(() => {
    stop()
    proxy.blackHole()
  })
  return proxy
}

void t.test('the pool connects when the server answers again', async (t) => {
  const proxy = await silentAtFirstTest(t)
  const pool = createPool({ uri: proxy.uri('mysql'), min: 0, connectTimeout: 300 })
  t.teardown(() => pool.end())
  const failed = new Promise((resolve) => pool.on('connectFailed', resolve))
  const answer = pool.query('SELECT 1 AS one')
  await failed
  proxy.heal()
  t.same((await answer)[0], [{ one: 1 }])
})

void t.test('the end of the pool does not wait for it', async (t) => {
  const proxy = await silentAtFirstTest(t)
  const pool = createPool({ uri: proxy.uri('mysql'), min: 0, connectTimeout: 60_000 })
  const silent = new Promise<void>((resolve) => {
    const stop = proxy.onCommand(() => {
      stop()
      resolve()
    })
  })
  const answer = pool.query('SELECT 1')
  answer.catch(() => {})
  await silent
  await pool.end({ deadline: 0 })
  await t.rejects(answer, { code: 'ERR_POOL_CLOSED' })
})
