import t from 'tap'

import { isLifeguardError } from '#core/errors.js'
import { type PoolOptions, resolvePoolOptions } from '#core/options/options.js'

/** The message of the one error that tells of every problem. */
function complaint(options: Record<string, unknown>): string {
  try {
    resolvePoolOptions(options)
  } catch (error) {
    if (isLifeguardError(error, 'ERR_OPTIONS')) return error.message
    throw error
  }
  throw new Error('accepted')
}

void t.test('defaults', async (t) => {
  t.match(resolvePoolOptions({}), {
    name: 'pool',
    min: 5,
    max: 50,
    acquireTimeout: 10_000,
    queueLimit: undefined,
    idleTimeout: 60_000,
    maxLifetime: 1_800_000,
    maxUses: 0,
    healthCheckInterval: 30_000,
    checkAfterIdle: 500,
    checkTimeout: 2000,
    connectTimeout: 10_000,
    maxConnecting: 32,
    settle: 'auto',
    settleTimeout: 5000,
    statementTimeout: 0,
    initSql: [],
    safeFunctions: [],
    leakThreshold: 0,
    hold: 'request',
    enabled: true,
    driver: {},
  })
})

void t.test('an option that is undefined is not given', async (t) => {
  const options = { max: undefined, host: undefined, nonsense: undefined } as unknown as PoolOptions
  t.strictSame(resolvePoolOptions(options), resolvePoolOptions({}))
})

void t.test('min follows max, and is nothing without pooling', async (t) => {
  t.equal(resolvePoolOptions({ max: 3 }).min, 3)
  t.equal(resolvePoolOptions({ max: 3, min: 0 }).min, 0)
  t.equal(resolvePoolOptions({ max: 3, min: 3 }).min, 3)
  t.equal(resolvePoolOptions({ enabled: false, min: 3 }).min, 0)
})

void t.test('what is mysql2 business goes there untouched', async (t) => {
  const ssl = { rejectUnauthorized: true }
  const given = { host: 'db', port: 3307, user: 'app', database: 'shop', ssl, dateStrings: true }
  t.strictSame(resolvePoolOptions({ ...given, max: 7 }).driver, given)
})

void t.test('one statement or many are set up alike', async (t) => {
  t.strictSame(resolvePoolOptions({ initSql: 'SET x' }).initSql, ['SET x'])
  t.strictSame(resolvePoolOptions({ initSql: ['SET x', 'SET y'] }).initSql, ['SET x', 'SET y'])
})

void t.test('resolved options cannot be changed', async (t) => {
  t.ok(Object.isFrozen(resolvePoolOptions({})))
})

const NONSENSE: Record<string, unknown[]> = {
  name: ['', 5],
  min: [-1, 1.5, '5', NaN],
  max: [0, -1, 2.5, '50', null],
  acquireTimeout: [0, -1, '10s', NaN, Infinity, 2 ** 31],
  queueLimit: [-1, 0.5, Infinity],
  maxIdle: [-1, 1.5, '5'],
  idleTimeout: [-1, '60'],
  maxLifetime: [-1, 2 ** 31],
  maxUses: [-1, 1.5],
  healthCheckInterval: [-1],
  checkAfterIdle: [-1],
  checkTimeout: [0],
  connectTimeout: [0],
  maxConnecting: [0],
  settle: ['never', true],
  settleTimeout: [0],
  statementTimeout: [-1],
  initSql: [5, [5]],
  onConnect: ['SET x'],
  safeFunctions: ['f', [''], [5]],
  leakThreshold: [-1],
  hold: ['statement'],
  enabled: ['false', 0],
  password: [5],
  uri: ['', 'nonsense', 5],
  port: [0, 65_536, '3306', 33.5],
}

for (const [name, values] of Object.entries(NONSENSE)) {
  void t.test(`nonsense for ${name}`, async (t) => {
    for (const value of values) t.match(complaint({ [name]: value }), `\n  ${name}`, String(value))
  })
}

void t.test('min more than max', async (t) => {
  t.match(complaint({ min: 10, max: 5 }), 'min: 10 is more than max (5)')
  t.match(complaint({ min: 51 }), 'min: 51 is more than max (50)')
  t.match(complaint({ min: 3, maxIdle: 2 }), 'min: 3 is more than maxIdle (2)')
})

const HINTS: Record<string, string> = {
  connectionLimit: 'max',
  acquireTimeoutMillis: 'acquireTimeout',
  resetOnRelease: "settle: 'always'",
  username: 'user',
}

void t.test('an unknown name is told, with the name that it has here', async (t) => {
  t.match(complaint({ maxConections: 5 }), 'maxConections: unknown option')
  for (const [theirs, ours] of Object.entries(HINTS)) {
    t.match(complaint({ [theirs]: 1 }), `${theirs}: unknown option; here it is ${ours}`)
  }
})

void t.test('one message names every problem, each on a line of its own', async (t) => {
  const wrong = {
    connectionLimit: 5,
    typo: 1,
    max: 0,
    settle: 'never',
    hold: 'x',
    port: 0,
    uri: 'x',
  }
  const [title, ...lines] = complaint(wrong).split('\n')
  t.equal(title, 'invalid pool options:')
  t.equal(lines.length, Object.keys(wrong).length)
  for (const name of Object.keys(wrong)) {
    t.ok(
      lines.some((line) => line.startsWith(`  ${name}:`)),
      name,
    )
  }
})

void t.test('min more than max is named beside other problems', async (t) => {
  t.match(complaint({ min: 10, max: 5, typo: 1 }), /typo[^]*min: 10|min: 10[^]*typo/)
  t.match(complaint({ min: 10, max: 5, settle: 'never' }), 'min: 10')
})

void t.test('no message contains a password', async (t) => {
  const secret = 'hunter2'
  const cases: Record<string, unknown>[] = [
    { password: secret, max: 0 },
    { password: { toString: () => secret } },
    { password: [secret] },
    { uri: `mysql//root:${secret}@db`, max: 0 },
    { uri: { uri: secret } },
    { password1: secret, typo: 1 },
    { pasword: secret },
    { passwd: secret, host: 'db' },
  ]
  for (const options of cases) t.notMatch(complaint(options), secret, Object.keys(options).join())
})
