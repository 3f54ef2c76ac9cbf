import t from 'tap'

import { codeOf, type ErrorCode, isLifeguardError, LifeguardError } from '#core/errors.js'

import { fakePool } from '../support/fake-pool.ts'
import { rejection } from '../support/rejection.ts'

// An object, so that the compiler misses a code that is left out.
const STATUS: Record<ErrorCode, 503 | undefined> = {
  ERR_ACQUIRE_TIMEOUT: 503,
  ERR_QUEUE_FULL: 503,
  ERR_BREAKER_OPEN: 503,
  ERR_POOL_CLOSING: 503,
  ERR_POOL_CLOSED: undefined,
  ERR_LEASE_RELEASED: undefined,
  ERR_SCOPE_ENDED: undefined,
  ERR_POOL_DEADLOCK: undefined,
  ERR_ABORTED: undefined,
  ERR_STATEMENT_TIMEOUT: undefined,
  ERR_OPTIONS: undefined,
}

void t.test('503 for what may be tried again, and for nothing else', async (t) => {
  for (const [code, status] of Object.entries(STATUS)) {
    const error = new LifeguardError(code as ErrorCode, 'x')
    t.equal(error.statusCode, status, code)
    t.equal(error.headers?.['Retry-After'], status && '1', code)
    t.equal('statusCode' in error, status !== undefined, 'absent, not undefined')
  }
})

void t.test('an error is told apart by its code', async (t) => {
  const error = new LifeguardError('ERR_ABORTED', 'x', { cause: 'y' })
  t.equal(error.cause, 'y')
  t.equal(error.name, 'LifeguardError')
  t.ok(isLifeguardError(error))
  t.ok(isLifeguardError(error, 'ERR_ABORTED'))
  t.notOk(isLifeguardError(error, 'ERR_OPTIONS'))
  t.notOk(isLifeguardError(Object.assign(new Error(), { code: 'ERR_ABORTED' })))
})

void t.test('codes are strings, of whatever is thrown', async (t) => {
  t.equal(codeOf(new LifeguardError('ERR_ABORTED', 'x')), 'ERR_ABORTED')
  for (const thrown of [undefined, null, 'text', 5, {}, { code: 5 }]) {
    t.equal(codeOf(thrown), undefined)
  }
})

void t.test('the errors of an acquire name the pool and its counts', async (t) => {
  const options = { name: 'shop', max: 1, queueLimit: 1, acquireTimeout: 100 }
  const { pool, clock } = fakePool(options)
  const lease = await pool.acquire()
  const counts = /\(total=1\/1, inUse=1, idle=0, connecting=0, waiting=\d\)/
  const errors: LifeguardError[] = []

  const waiting = rejection(pool.acquire())
  errors.push(await rejection(pool.acquire()))
  errors.push(await clock.run(waiting))
  const abort = new AbortController()
  const aborted = rejection(pool.acquire({ signal: abort.signal }))
  abort.abort()
  errors.push(await aborted)
  const ending = pool.end()
  errors.push(await rejection(pool.acquire()))

  t.strictSame(
    errors.map(({ code }) => code),
    ['ERR_QUEUE_FULL', 'ERR_ACQUIRE_TIMEOUT', 'ERR_ABORTED', 'ERR_POOL_CLOSING'],
  )
  for (const { code, message } of errors) {
    t.match(message, /^shop: /, code)
    t.match(message, counts, code)
  }
  await lease.release()
  await clock.run(ending)
})

void t.test('the others name the pool and whom it was for', async (t) => {
  const { pool, clock } = fakePool({ name: 'shop', statementTimeout: 50 })
  const lease = await pool.acquire({ label: 'GET /cart' })
  const timedOut = await clock.run(rejection(lease.query('HANG')))
  await clock.run(lease.release())
  const released = await rejection(lease.query('SELECT 1'))
  const scope = pool.openScope({ label: 'GET /items' })
  await scope.end()
  const ended = await rejection(scope.query('SELECT 1'))

  t.strictSame(
    [timedOut, released, ended].map(({ code }) => code),
    ['ERR_STATEMENT_TIMEOUT', 'ERR_LEASE_RELEASED', 'ERR_SCOPE_ENDED'],
  )
  t.match(timedOut.message, /^shop: .*50 ms.*\(GET \/cart\)$/)
  t.match(released.message, /^shop: .*\(GET \/cart\)$/)
  t.match(ended.message, /^shop: .*\(GET \/items\)$/)
})
