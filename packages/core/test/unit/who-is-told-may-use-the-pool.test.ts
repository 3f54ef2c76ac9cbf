import { subscribe, unsubscribe } from 'node:diagnostics_channel'

import t, { type Test } from 'tap'

import type { Lease } from '#core/pool/lease.js'
import type { Scope } from '#core/scope/scope.js'

import { fakePool } from '../support/fake-pool.ts'
import { rejection } from '../support/rejection.ts'

/** Subscribes to one step of the traces of one pool. */
function hear(t: Test, pool: string, step: string, listener: (label: string) => void): void {
  const name = `tracing:lifeguard:acquire:${step}`
  const own = (message: unknown): void => {
    const told = message as { pool: string; label: string }
    if (told.pool === pool) listener(told.label)
  }
  subscribe(name, own)
  t.teardown(() => unsubscribe(name, own))
}

void t.test('and call off others whose time is over with it', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  const held = await clock.run(pool.acquire())
  const shutdown = new AbortController()
  pool.on('acquireTimedOut', () => shutdown.abort())
  const { signal } = shutdown
  const errors = [1, 2, 3].map(() => rejection(pool.acquire({ timeout: 100, signal })))
  const patient = pool.acquire()
  await clock.advance(100)
  await Promise.all(errors)
  t.equal(pool.stats().waiting, 1)
  await held.release()
  await (await patient).release()
  t.match(pool.stats(), { waiting: 0, inUse: 0 })
})

void t.test('and wait again, as long as it may', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  const held = await clock.run(pool.acquire())
  let again: Promise<Error> | undefined
  pool.on('acquireTimedOut', () => {
    again ??= rejection(pool.acquire({ timeout: 100 }))
  })
  await Promise.all([rejection(pool.acquire({ timeout: 100 })), clock.advance(100)])
  await clock.advance(100)
  t.match(await again, { code: 'ERR_ACQUIRE_TIMEOUT' })
  await held.release()
})

void t.test('and abort the acquire that begins', async (t) => {
  const { pool, clock } = fakePool({ name: 'unwanted', max: 1 })
  const held = await clock.run(pool.acquire())
  const abort = new AbortController()
  hear(t, 'unwanted', 'start', () => abort.abort())
  t.match(await rejection(pool.acquire({ signal: abort.signal })), { code: 'ERR_ABORTED' })
  t.equal(pool.stats().waiting, 0)
  await held.release()
})

void t.test('and end the scope that it is told of', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  await clock.run(pool.warm(1))
  const late: number[] = []
  const scope = pool.openScope({ timeout: 100, onTimeout: (ms) => late.push(ms) })
  pool.on('acquired', () => void scope.end())
  t.match(await rejection(scope.query('SELECT 1')), { code: 'ERR_SCOPE_ENDED' })
  await clock.advance(200)
  t.strictSame(late, [])
  t.match(pool.stats(), { inUse: 0, idle: 1 })
})

void t.test('and release the lease that a scope has just got', async (t) => {
  const { pool, clock } = fakePool({ name: 'released', max: 1 })
  await clock.run(pool.warm(1))
  const scope = pool.openScope()
  const release = (message: unknown): void => {
    const { pool: name, result } = message as { pool: string; result: Lease }
    if (name !== 'released') return
    unsubscribe('tracing:lifeguard:acquire:asyncEnd', release)
    void result.release()
  }
  subscribe('tracing:lifeguard:acquire:asyncEnd', release)
  t.match(await rejection(scope.query('SELECT 1')), { code: 'ERR_LEASE_RELEASED' })
  t.notOk(scope.holding)
  await clock.run(scope.query('SELECT 2'))
  t.match(pool.stats(), { inUse: 1, acquired: 3 })
  await scope.end()
})

void t.test('and end the scope whose acquire begins', async (t) => {
  const { pool, clock } = fakePool({ name: 'left', max: 1 })
  await clock.run(pool.warm(1))
  const late: number[] = []
  const open = (): Scope => pool.openScope({ timeout: 100, onTimeout: (ms) => late.push(ms) })
  let scope = open()
  let begun = 0
  hear(t, 'left', 'start', () => {
    begun++
    void scope.end()
  })
  t.match(await rejection(scope.transaction(() => {})), { code: 'ERR_SCOPE_ENDED' })
  t.equal(begun, 1)

  pool.suspend()
  scope = open()
  t.match(await rejection(scope.query('SELECT 1')), { code: 'ERR_SCOPE_ENDED' })
  t.equal(begun, 2)
  t.match(pool.stats(), { waiting: 0, inUse: 0, idle: 1 })
  await clock.advance(200)
  t.strictSame(late, [])
})

void t.test('and end the pool that is being ended', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  await clock.run(pool.warm(1))
  const told: string[] = []
  pool.on('acquired', ({ label }) => {
    told.push(label)
    void pool.end()
  })
  pool.on('ended', () => told.push('ended'))
  pool.suspend()
  const waiting = pool.acquire({ label: 'waited' })
  const ending = pool.end()
  await (await waiting).release()
  await clock.run(ending)
  t.strictSame(told, ['waited', 'ended'])
})

void t.test('and ask who holds what, when a lease has ended', async (t) => {
  const { pool, clock } = fakePool()
  const seen: string[][] = []
  pool.on('released', () => seen.push(pool.snapshot().leases.map(({ label }) => label)))
  const held = await clock.run(pool.acquire({ label: 'GET /cart' }))
  await clock.run(pool.use(() => {}, { label: 'GET /orders' }))
  await clock.run(held.release())
  t.strictSame(seen, [['GET /cart'], []])
})
