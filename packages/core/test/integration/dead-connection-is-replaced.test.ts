import { createPool } from '@lifeguard/core'
import { sharedDatabase, startFaultProxy } from '@lifeguard/test-kit'
import t from 'tap'

void t.test('a connection into a black hole is replaced within the same acquire', async (t) => {
  const server = await sharedDatabase()
  const proxy = await startFaultProxy(server)
  const { host, port } = proxy
  const { user, password } = server
  const pool = createPool({
    host,
    port,
    user,
    password,
    database: 'mysql',
    min: 0,
    max: 2,
    checkAfterIdle: 20,
    checkTimeout: 100,
    // One that is begun in the hole stays in it.
    connectTimeout: 300,
  })
  t.teardown(async () => {
    await pool.end()
    await proxy.stop()
  })
  await pool.warm(2)
  proxy.blackHole(true)
  // Old enough to need a check.
  await new Promise((resolve) => setTimeout(resolve, 50))
  const answer = pool.query('SELECT 1 AS one')
  // Its first connection is being checked in vain; new ones get through.
  setTimeout(() => proxy.heal(), 150)
  t.same((await answer)[0], [{ one: 1 }])
  t.ok(pool.stats().evicted['check failed'] > 0)
})

void t.test(
  'a connection reset by the network while a statement runs is not lent again',
  async (t) => {
    const server = await sharedDatabase()
    const proxy = await startFaultProxy(server)
    const { host, port } = proxy
    const { user, password } = server
    const pool = createPool({ host, port, user, password, database: 'mysql', min: 0, max: 1 })
    t.teardown(async () => {
      await pool.end()
      await proxy.stop()
    })
    const running = pool.query('SELECT SLEEP(10)')
    running.catch(() => {})
    while (pool.stats().inUse === 0) await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setTimeout(resolve, 50))
    proxy.resetAll()
    await t.rejects(running)
    t.same((await pool.query('SELECT 1 AS one'))[0], [{ one: 1 }])
    t.equal(pool.stats().inUse, 0)
  },
)
