import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection } from '../support/rejection.ts'

void t.test('before it began', async (t) => {
  const { pool, server } = fakePool()
  const reason = new Error('gone')
  const error = await rejection(pool.acquire({ signal: AbortSignal.abort(reason) }))
  t.equal(error.code, 'ERR_ABORTED')
  t.equal(error.cause, reason)
  t.equal(server.attempts, 0)
})

void t.test('while it waits', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  const lease = await pool.acquire()
  const abort = new AbortController()
  const waiting = rejection(pool.acquire({ signal: abort.signal }))
  await clock.advance(30)
  abort.abort()
  const error = await waiting
  t.equal(error.code, 'ERR_ABORTED')
  t.match(error.message, 'aborted after 30 ms')
  t.match(pool.stats(), { waiting: 0, timeouts: 0, inUse: 1 })
  await lease.release()
  t.equal(pool.stats().idle, 1)
})

void t.test('while it connects: the connection is for the next one', async (t) => {
  const { pool, clock, server } = fakePool({}, { connectMs: 50 })
  const abort = new AbortController()
  const waiting = rejection(pool.acquire({ signal: abort.signal }))
  await clock.advance(10)
  abort.abort()
  t.equal((await waiting).code, 'ERR_ABORTED')
  await clock.advance(50)
  t.equal(pool.stats().idle, 1)
  await pool.acquire()
  t.equal(server.attempts, 1)
})

void t.test('in the moment in which it is served', async (t) => {
  const { pool } = fakePool({ max: 1 })
  const lease = await pool.acquire()
  const abort = new AbortController()
  const waiting = pool.acquire({ signal: abort.signal })
  const released = lease.release()
  abort.abort()
  await released
  await (await waiting).release()
  t.match(pool.stats(), { idle: 1, inUse: 0, waiting: 0, acquired: 2, released: 2 })
})

void t.test('not any more when it is served: the listener is gone', async (t) => {
  const { pool } = fakePool({ max: 1 })
  const lease = await pool.acquire()
  const { signal } = new AbortController()
  let listeners = 0
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++
    addEventListener.apply(signal, args)
  }
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--
    removeEventListener.apply(signal, args)
  }
  const waiting = pool.acquire({ signal })
  t.equal(listeners, 1)
  await lease.release()
  await waiting
  t.equal(listeners, 0)
})

void t.test('a use that is aborted loses its connection', async (t) => {
  const { pool, clock, server } = fakePool()
  const abort = new AbortController()
  const using = rejection(
    pool.use((lease) => lease.query('HANG'), { signal: abort.signal, label: 'job' }),
  )
  await clock.advance(10)
  abort.abort('stop')
  const error = await clock.run(using)
  t.equal(error.code, 'ERR_ABORTED')
  t.equal(error.cause, 'stop')
  t.match(error.message, '(job)')
  t.strictSame(server.kills, [{ threadId: 1, what: 'query' }])
  t.match(pool.stats(), { idle: 1, inUse: 0, kills: 1, resets: 1 })
})
