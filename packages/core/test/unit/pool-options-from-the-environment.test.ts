import t from 'tap'

import { isLifeguardError } from '#core/errors.js'
import { poolOptionsFromEnv } from '#core/options/env.js'
import { resolvePoolOptions } from '#core/options/options.js'

function complaint(env: Record<string, string>): string {
  try {
    poolOptionsFromEnv(env)
  } catch (error) {
    if (isLifeguardError(error, 'ERR_OPTIONS')) return error.message
    throw error
  }
  throw new Error('accepted')
}

void t.test('nothing set, nothing given', async (t) => {
  t.strictSame(poolOptionsFromEnv({}), {})
  t.strictSame(
    poolOptionsFromEnv({ DB_POOL_MAX: '', DB_HOST: '', DB_PERSISTENT: '', HOME: '/' }),
    {},
  )
})

void t.test('every variable of the pool; seconds become milliseconds', async (t) => {
  const options = poolOptionsFromEnv({
    DB_POOL_ENABLED: 'true',
    DB_POOL_MIN: '2',
    DB_POOL_MAX: '20',
    DB_POOL_TIMEOUT: '10',
    DB_POOL_IDLE_TIMEOUT: '60',
    DB_POOL_HEALTH_CHECK: '30',
    DB_POOL_MAX_LIFETIME: '1800',
    DB_POOL_QUEUE_LIMIT: '100',
    DB_POOL_LEAK_THRESHOLD: '0.5',
    DB_PERSISTENT: 'false',
  })
  t.strictSame(options, {
    enabled: true,
    min: 2,
    max: 20,
    acquireTimeout: 10_000,
    idleTimeout: 60_000,
    healthCheckInterval: 30_000,
    maxLifetime: 1_800_000,
    queueLimit: 100,
    leakThreshold: 500,
  })
  t.ok(resolvePoolOptions(options), 'the pool takes them')
})

const ADDRESS = {
  DB_HOST: 'db',
  DB_PORT: '3307',
  DB_USERNAME: 'app',
  DB_PASSWORD: 'hunter2',
  DB_DATABASE: 'shop',
}

void t.test('the address in parts', async (t) => {
  t.strictSame(poolOptionsFromEnv(ADDRESS), {
    host: 'db',
    port: 3307,
    user: 'app',
    password: 'hunter2',
    database: 'shop',
  })
})

void t.test('DATABASE_URL wins', async (t) => {
  const uri = 'mysql://app:secret@other/shop'
  t.strictSame(poolOptionsFromEnv({ ...ADDRESS, DB_POOL_MAX: '3', DATABASE_URL: uri }), {
    uri,
    max: 3,
  })
})

void t.test('flags', async (t) => {
  for (const text of ['true', 'TRUE', '1']) {
    t.equal(poolOptionsFromEnv({ DB_POOL_ENABLED: text }).enabled, true, text)
  }
  for (const text of ['false', 'False', '0']) {
    t.equal(poolOptionsFromEnv({ DB_POOL_ENABLED: text }).enabled, false, text)
    t.strictSame(poolOptionsFromEnv({ DB_PERSISTENT: text }), {}, `not persistent: ${text}`)
  }
})

void t.test('persistent connections are refused, with the reason', async (t) => {
  for (const text of ['true', '1', 'yes', 'nonsense']) {
    t.match(complaint({ DB_PERSISTENT: text }), /DB_PERSISTENT: only false.*session state/, text)
  }
})

const NONSENSE: Record<string, string[]> = {
  DB_POOL_ENABLED: ['on', 'nope', '2'],
  DB_POOL_MIN: ['-1', '1.5', 'five', ' '],
  DB_POOL_MAX: ['50 connections', '1e3', '0x10'],
  DB_POOL_TIMEOUT: ['10s', '-1', 'Infinity', '1,5', '.5'],
  DB_POOL_IDLE_TIMEOUT: ['1m'],
  DB_POOL_QUEUE_LIMIT: ['none'],
  DB_PORT: ['mysql', '33.5'],
}

for (const [name, values] of Object.entries(NONSENSE)) {
  void t.test(`nonsense for ${name}`, async (t) => {
    for (const value of values) t.match(complaint({ [name]: value }), `${name}: expected`, value)
  })
}

void t.test(
  'an unknown variable of the pool is named, others are none of our business',
  async (t) => {
    t.match(complaint({ DB_POOL_SIZE: '5' }), 'DB_POOL_SIZE: unknown variable')
    t.match(complaint({ DB_POOL_X: '' }), 'DB_POOL_X: unknown variable')
    t.strictSame(poolOptionsFromEnv({ DB_CONNECTION: 'mysql', DB_CHARSET: 'utf8' }), {})
  },
)

void t.test('one message names every problem, and no password', async (t) => {
  const message = complaint({
    ...ADDRESS,
    DB_PORT: 'hunter3',
    DB_POOL_SIZE: '5',
    DB_POOL_MAX: 'many',
    DB_POOL_TIMEOUT: '10s',
    DB_PERSISTENT: 'true',
    DATABASE_URL: 'mysql://app:hunter2@db/shop',
  })
  const lines = message.split('\n').slice(1)
  t.equal(lines.length, 5, message)
  for (const name of [
    'DB_PORT',
    'DB_POOL_SIZE',
    'DB_POOL_MAX',
    'DB_POOL_TIMEOUT',
    'DB_PERSISTENT',
  ]) {
    t.ok(
      lines.some((line) => line.startsWith(`  ${name}:`)),
      name,
    )
  }
  t.notMatch(message, /hunter/)
})
