import { createPool, type SetUpConnection } from '@lifeguard/core'
import { sharedDatabase } from '@lifeguard/test-kit'
import t from 'tap'

import { codeOf, freshPool } from '../support/fresh-pool.ts'

void t.test(
  'initSql and onConnect are done before the first use, and done again after a reset',
  async (t) => {
    const { pool } = await freshPool(t, {
      max: 1,
      initSql: ["SET time_zone = '+05:00'", 'SET @a = 1'],
      onConnect: async (connection) => {
        await connection.query('SET @b = 2')
      },
    })
    const look = async (): Promise<unknown> =>
      (await pool.query('SELECT @@time_zone AS zone, @a AS a, @b AS b'))[0]
    t.same(await look(), [{ zone: '+05:00', a: 1, b: 2 }])
    await pool.query("SET time_zone = '+00:00', @a = 9, @b = 9, @c = 9")
    t.same(await look(), [{ zone: '+05:00', a: 1, b: 2 }])
    t.ok(pool.stats().resets > 0)
    t.equal(pool.stats().created, 1)
  },
)

void t.test("onConnect has mysql2's connection, until it is done", async (t) => {
  let kept: SetUpConnection | undefined
  let handle: SetUpConnection['connection'] | undefined
  const { pool } = await freshPool(t, {
    max: 1,
    onConnect: (connection) => {
      kept = connection
      handle = connection.connection
      return new Promise((resolve, reject) => {
        connection.connection.query('SET @a = 1', (error) => (error ? reject(error) : resolve()))
      })
    },
  })
  t.same((await pool.query('SELECT @a AS a'))[0], [{ a: 1 }])
  t.equal(await codeOf(kept!.query('SELECT 1')), 'ERR_LEASE_RELEASED')
  t.equal(await codeOf(kept!.execute('SELECT 1')), 'ERR_LEASE_RELEASED')
  t.equal(await codeOf(handle!.promise().query('SELECT 1')), 'ERR_LEASE_RELEASED')
})

void t.test('a connection whose set-up fails is not used', async (t) => {
  for (const broken of [
    { initSql: 'SET no_such_variable = 1' },
    { onConnect: () => Promise.reject(new Error('no')) },
  ]) {
    const { pool } = await freshPool(t, { max: 1, acquireTimeout: 300, ...broken })
    const error = await pool.query('SELECT 1').catch((reason: unknown) => reason)
    t.match(error, { code: 'ERR_ACQUIRE_TIMEOUT', cause: Error })
    t.equal(pool.stats().total - pool.stats().connecting, 0)
  }
})

void t.test('a password function is asked before every connect', async (t) => {
  const server = await sharedDatabase()
  let asked = 0
  const { host, port, user } = server
  const pool = createPool({
    host,
    port,
    user,
    database: 'mysql',
    min: 0,
    max: 3,
    password: async () => {
      asked++
      return server.password
    },
  })
  t.teardown(() => pool.end())
  await pool.warm(3)
  t.equal(asked, 3)
})

void t.test('a refused password is told at once, without the password', async (t) => {
  const server = await sharedDatabase()
  const { host, port } = server
  const pool = createPool({ host, port, user: 'nobody', password: 'canary-secret', max: 2 })
  t.teardown(() => pool.end())
  const error = (await pool.query('SELECT 1').catch((reason: unknown) => reason)) as Error & {
    statusCode?: number
  }
  t.match(error, { code: 'ERR_BREAKER_OPEN', statusCode: 503 })
  t.match(error.cause, { code: /^ER_ACCESS_DENIED/ })
  t.notMatch(
    `${error.message} ${String(error.stack)} ${JSON.stringify(pool.snapshot())}`,
    'canary-secret',
  )
})

void t.test('nothing is lost by a server that is not there yet', async (t) => {
  const pool = createPool({ port: 1, host: '127.0.0.1', acquireTimeout: 200 })
  t.teardown(() => pool.end())
  t.equal(await codeOf(pool.query('SELECT 1')), 'ERR_ACQUIRE_TIMEOUT')
  t.match(pool.stats(), { inUse: 0, waiting: 0, timeouts: 1 })
  t.ok(pool.stats().connectFailures < 12, 'and it is not hammered')
})
