import { createPool, type PoolOptions } from '@lifeguard/mysql2'
import t, { type Test } from 'tap'

function maxOf(t: Test, options: PoolOptions | string): number {
  const pool = createPool(options)
  t.teardown(() => pool.lifeguard.end())
  return pool.lifeguard.stats().max
}

void t.test('connectionLimit, as mysql2 reads it', async (t) => {
  t.equal(maxOf(t, {}), 10)
  t.equal(maxOf(t, { connectionLimit: 3 }), 3)
  t.equal(maxOf(t, { connectionLimit: '4' as never }), 4)
  t.equal(maxOf(t, { connectionLimit: undefined as never }), 10)
  t.equal(maxOf(t, { connectionLimit: 0 }), Number.MAX_SAFE_INTEGER)
  t.equal(maxOf(t, 'mysql://app@db/shop?connectionLimit=6'), 6)
  t.equal(maxOf(t, { uri: 'mysql://app@db/shop?connectionLimit=6' }), 6)
  t.equal(maxOf(t, { uri: 'mysql://app@db/shop?connectionLimit=6', connectionLimit: 7 }), 7)
})

void t.test("Lifeguard's options stand beside them", async (t) => {
  t.equal(maxOf(t, { max: 8, min: 0, acquireTimeout: 100, name: 'orders' }), 8)
  t.equal(maxOf(t, { max: 8, connectionLimit: 8 }), 8)
  t.throws(() => createPool({ max: 8, connectionLimit: 9 }), { code: 'ERR_OPTIONS' })
  t.throws(() => createPool({ acquireTimeout: -1 }), {
    code: 'ERR_OPTIONS',
    message: /acquireTimeout/,
  })
})

void t.test('what comes from environment variables, or not at all', async (t) => {
  t.equal(
    maxOf(t, {
      host: 'db',
      port: '3307' as never,
      password: '',
      socketPath: undefined as never,
      ssl: null as never,
      connectTimeout: 0,
      idleTimeout: '1000' as never,
      queueLimit: 0,
      waitForConnections: true,
      enableKeepAlive: true,
      keepAliveInitialDelay: 0,
      gracefulEnd: true,
    }),
    10,
  )
})

void t.test('a time-out as text', async (t) => {
  t.equal(maxOf(t, { connectTimeout: '5000' as never }), 10)
})

void t.test('a name that neither knows is ignored, with a warning', async (t) => {
  const warnings = t.capture(console, 'error')
  t.equal(maxOf(t, { connectionLimits: 3 } as never), 10)
  t.match(warnings(), [{ args: [/connectionLimits/] }])
  t.equal(maxOf(t, { leakThreshold: 100, statementTimeout: 100, hold: 'transaction' }), 10)
  t.equal(warnings().length, 0)
})

void t.test('a URI that is none is told without its password', async (t) => {
  for (const uri of ['mysql://app:canary@[nonsense/shop', 'canary']) {
    for (const options of [uri, { uri }]) {
      try {
        createPool(options)
        t.fail('it is refused')
      } catch (error) {
        t.match(error, { code: 'ERR_OPTIONS' })
        t.notMatch(`${String(error)} ${JSON.stringify(error)}`, 'canary')
      }
    }
  }
})

void t.test('getConnection without a callback names the mistake', async (t) => {
  const pool = createPool({})
  t.teardown(() => pool.lifeguard.end())
  t.throws(() => pool.getConnection(undefined as never), { message: /needs a callback/ })
  t.throws(() => pool.promise().query('SELECT 1', (() => {}) as never), { message: /no callback/ })
})
