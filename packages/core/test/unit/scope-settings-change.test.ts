import { once } from 'node:events'

import t from 'tap'

import { checkScopeSettings } from '#core/options/scope-settings.js'

import { fakePool } from '../support/fake-pool.ts'
import { rejection } from '../support/rejection.ts'

void t.test('a timeout counts from the first use, and is told of', async (t) => {
  const { pool, clock } = fakePool()
  let told = 0
  const scope = pool.openScope({ timeout: 100, onTimeout: () => told++ })
  await clock.advance(1000)
  t.notOk(scope.ended)
  await clock.run(scope.query('SELECT 1'))
  await clock.advance(100)
  t.ok(scope.ended)
  t.equal(told, 1)
  t.match(pool.stats(), { inUse: 0 })
})

void t.test('a timeout of 0 is none', async (t) => {
  const { pool, clock } = fakePool()
  const scope = pool.openScope({ timeout: 0 })
  await clock.run(scope.query('SELECT 1'))
  await clock.advance(1_000_000)
  t.notOk(scope.ended)
  await scope.end()
})

void t.test('a timeout that is changed on the way counts from the change', async (t) => {
  const { pool, clock } = fakePool()
  const scope = pool.openScope({ timeout: 100 })
  await clock.run(scope.query('SELECT 1'))
  await clock.advance(90)
  scope.configure({ timeout: 500 })
  await clock.advance(490)
  t.notOk(scope.ended)
  await clock.advance(10)
  t.ok(scope.ended)
})

void t.test('what has ended is not timed any more', async (t) => {
  const { pool, clock } = fakePool()
  const scope = pool.openScope({ timeout: 100, onTimeout: () => t.fail('it had ended in time') })
  await clock.run(scope.query('SELECT 1'))
  await scope.end()
  scope.configure({ timeout: 10, hold: 'transaction' })
  await clock.advance(1000)
})

void t.test('a duration that is none is refused', async (t) => {
  const { pool } = fakePool()
  t.throws(() => pool.openScope({ timeout: NaN }), { code: 'ERR_OPTIONS' })
  t.throws(() => pool.openScope().configure({ timeout: -1 }), { code: 'ERR_OPTIONS' })
  t.equal((await rejection(pool.acquire({ timeout: 'x' as never }))).code, 'ERR_OPTIONS')
  t.equal((await rejection(pool.end({ deadline: NaN }))).code, 'ERR_OPTIONS')
})

void t.test('onTimeout that throws ends nothing else', async (t) => {
  const { pool, clock } = fakePool()
  const warned = once(process, 'warning')
  const onTimeout = (): never => {
    throw new Error('the logger fails')
  }
  const scope = pool.openScope({ timeout: 100, onTimeout })
  await clock.run(scope.query('SELECT 1'))
  await clock.advance(100)
  t.match(await warned, [{ message: /the logger fails/ }])
  t.match(pool.stats(), { inUse: 0 })
})

void t.test('hold: transaction gives back what is held', async (t) => {
  const { pool, clock } = fakePool()
  const scope = pool.openScope()
  await clock.run(scope.query('SELECT 1'))
  t.match(pool.stats(), { inUse: 1 })
  scope.configure({ hold: 'transaction' })
  t.equal(scope.hold, 'transaction')
  t.match(pool.stats(), { inUse: 0 })
  await clock.run(scope.query('SELECT 1'))
  t.match(pool.stats(), { inUse: 0, acquired: 2 })
  await scope.end()
})

void t.test('a signal cuts with ERR_ABORTED, and later use is ERR_SCOPE_ENDED', async (t) => {
  const { pool, clock } = fakePool()
  const abort = new AbortController()
  const scope = pool.openScope({ signal: abort.signal })
  const running = rejection(scope.query('HANG'))
  await clock.advance(10)
  abort.abort(new Error('the job is cancelled'))
  await clock.run(scope.end())
  t.equal((await running).code, 'ERR_ABORTED')
  t.match(await rejection(scope.query('SELECT 1')), {
    code: 'ERR_SCOPE_ENDED',
    cause: { code: 'ERR_ABORTED', cause: { message: 'the job is cancelled' } },
  })
})

void t.test('what users of adapters write is checked, all of it at once', (t) => {
  t.same(checkScopeSettings('x', { hold: 'request', transaction: true }), {
    hold: 'request',
    timeout: undefined,
    transaction: {},
  })
  t.same(checkScopeSettings('x', { transaction: false }).transaction, undefined)
  const wrong = { hold: 1, timeout: 'soon', transaction: { isolation: 'NONE' }, release: true }
  t.throws(() => checkScopeSettings('GET /', wrong as never), {
    code: 'ERR_OPTIONS',
    message: /GET \/:[^]*hold:[^]*timeout:[^]*transaction\.isolation:[^]*release: unknown option/,
  })
  t.end()
})
