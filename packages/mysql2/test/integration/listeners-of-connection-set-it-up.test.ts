import { createPool, type Pool } from '@lifeguard/mysql2'
import { sharedDatabase } from '@lifeguard/test-kit'
import type { PoolConnection } from 'mysql2'
import t, { type Test } from 'tap'

async function freshPool(t: Test): Promise<Pool> {
  const pool = createPool({ uri: (await sharedDatabase()).uri('mysql'), connectionLimit: 1 })
  t.teardown(() => pool.lifeguard.end({ deadline: 100 }))
  return pool
}

async function look(pool: Pool): Promise<unknown> {
  const [rows] = await pool.promise().query('SELECT @@time_zone AS zone, @a AS a, @b AS b')
  return rows
}

void t.test('what they send is done before the first use, and again after a reset', async (t) => {
  const pool = await freshPool(t)
  let connections = 0
  pool.on('connection', (connection: PoolConnection) => {
    connections++
    connection.query("SET time_zone = '+05:00'")
    connection.query('SET @a = ?', [1], () => {})
    connection.execute('SET @b = ?', [2], () => {})
  })
  const asSetUp = [{ zone: '+05:00', a: 1, b: 2 }]
  t.same(await look(pool), asSetUp)
  await pool.promise().query("SET time_zone = '+00:00', @a = 9, @b = 9")
  t.same(await look(pool), asSetUp)
  t.ok(pool.lifeguard.stats().resets > 0)
  t.equal(connections, 1)
})

void t.test('a listener that awaits one answer after the other', async (t) => {
  const pool = await freshPool(t)
  const setUp = async (connection: PoolConnection): Promise<void> => {
    const promised = connection.promise()
    await promised.query("SET time_zone = '+05:00'")
    await promised.query('SET @a = 1')
    await promised.query('SET @b = 2')
  }
  pool.on('connection', (connection: PoolConnection) => void setUp(connection))
  t.same(await look(pool), [{ zone: '+05:00', a: 1, b: 2 }])
})

void t.test('a listener whose statement fails is told, and the connection is used', async (t) => {
  const pool = await freshPool(t)
  let told: unknown
  pool.on('connection', (connection: PoolConnection) => {
    connection.query('SET nonsense', (error) => {
      told = error
    })
  })
  for (let i = 0; i < 3; i++) await pool.promise().query('SET @a = 1')
  await pool.promise().query('SELECT 1')
  t.match(told, { code: 'ER_PARSE_ERROR' })
  t.match(pool.lifeguard.stats(), { created: 1, resets: 3 }, 'nor does it fail a reset')
})

void t.test('what it keeps is of no use when the connection is lent', async (t) => {
  const pool = await freshPool(t)
  let kept: PoolConnection | undefined
  pool.on('connection', (connection: PoolConnection) => {
    kept = connection
  })
  await pool.promise().query('SELECT 1')
  await t.rejects(kept!.promise().query('SELECT 2'), { code: 'ERR_LEASE_RELEASED' })
})
