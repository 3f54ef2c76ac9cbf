import { subscribe, unsubscribe } from 'node:diagnostics_channel'

import t, { type Test } from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection } from '../support/rejection.ts'

const DENIED = 'ER_ACCESS_DENIED_ERROR'

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

void t.test('and call off others that are refused with it', async (t) => {
  const { pool, clock, server } = fakePool({ name: 'refused' }, { down: DENIED, connectMs: 5 })
  const shutdown = new AbortController()
  const told: string[] = []
  hear(t, 'refused', 'error', (label) => {
    told.push(label)
    shutdown.abort()
  })
  const errors = ['a', 'b', 'c'].map((label) =>
    rejection(pool.acquire({ label, signal: shutdown.signal })),
  )
  await clock.advance(5)
  await Promise.all(errors)
  t.strictSame(told.toSorted(), ['a', 'b', 'c'], 'each once')
  t.equal(pool.stats().waiting, 0)
  server.down = undefined
  await clock.advance(2000)
  await (await clock.run(pool.acquire())).release()
})

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
