import { EventEmitter } from 'node:events'

import t from 'tap'

import type { PoolStats } from '#core/observe/stats.js'
import { endWithResponse, type ResponseLike } from '#core/scope/http.js'
import type { Scope } from '#core/scope/scope.js'

import { fakePool } from '../support/fake-pool.ts'
import { rejection } from '../support/rejection.ts'

void t.test('leases are revoked and settled before end resolves', async (t) => {
  const { pool, clock, server } = fakePool()
  const scope = pool.openScope({ label: 'GET /cart' })
  const lease = await clock.run(scope.acquire())
  await lease.query('BEGIN')
  await scope.query('SET @a = 1')
  await clock.run(scope.end())
  t.match(pool.stats(), { idle: 2, inUse: 0, busy: 0, rollbacks: 1, resets: 1 })
  t.ok(server.sessions.every(({ clean }) => clean))
  t.ok(lease.released)
  t.equal((await rejection(lease.query('SELECT 1'))).code, 'ERR_SCOPE_ENDED')
})

void t.test('waiters are cancelled', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  const lease = await pool.acquire()
  const scope = pool.openScope()
  const waiting = [rejection(scope.query('SELECT 1')), rejection(scope.acquire())]
  await clock.advance(10)
  t.equal(pool.stats().waiting, 2)
  await scope.end()
  for (const error of await Promise.all(waiting)) t.equal(error.code, 'ERR_SCOPE_ENDED')
  t.equal(pool.stats().waiting, 0)
  await lease.release()
  t.equal(pool.stats().idle, 1)
})

const WAITING: Readonly<Record<string, (scope: Scope) => Promise<unknown>>> = {
  acquire: (scope) => scope.acquire(),
  query: (scope) => scope.query('SELECT 1'),
  transaction: (scope) => scope.transaction((tx) => tx.query('SELECT 1')),
}

for (const [name, wait] of Object.entries(WAITING)) {
  void t.test(`a connection that comes in the moment of the end goes back: ${name}`, async (t) => {
    const { pool, clock } = fakePool({ max: 1 })
    const lease = await pool.acquire()
    const scope = pool.openScope()
    const waiting = rejection(wait(scope))
    void lease.release()
    await scope.end()
    t.equal((await waiting).code, 'ERR_SCOPE_ENDED')
    t.equal(scope.holding, false)
    await clock.advance(0)
    t.match(pool.stats(), { idle: 1, inUse: 0, acquired: 2, released: 2 })
  })
}

void t.test('an end that is called in the middle of the end is the same one', async (t) => {
  const { pool, clock } = fakePool()
  const scope = pool.openScope()
  await clock.run(scope.query('SET @a = 1'))
  let after: PoolStats | undefined
  scope.signal.addEventListener('abort', () => {
    void scope.end().then(() => {
      after = pool.stats()
    })
  })
  await clock.run(scope.end())
  t.match(after, { idle: 1, inUse: 0, busy: 0, resets: 1 })
})

void t.test('a running statement is killed', async (t) => {
  const { pool, clock, server } = fakePool()
  const scope = pool.openScope()
  const running = rejection(scope.query('HANG'))
  await clock.advance(10)
  await clock.run(scope.end())
  t.equal((await running).code, 'ERR_SCOPE_ENDED')
  t.strictSame(server.kills, [{ threadId: 1, what: 'query' }])
  t.equal(pool.stats().idle, 1)
})

void t.test('an ended scope takes nothing any more', async (t) => {
  const { pool, clock, server } = fakePool({ name: 'shop' })
  const scope = pool.openScope({ label: 'GET /cart' })
  t.notOk(scope.ended)
  await scope.end()
  t.ok(scope.ended)
  const uses = [
    () => scope.query('SELECT 1'),
    () => scope.execute('SELECT 1'),
    () => scope.acquire(),
    () => scope.transaction(() => {}),
    () => scope.run(() => pool.query('SELECT 1')),
    () => scope.run(() => pool.transaction(() => {})),
  ]
  for (const use of uses) {
    const error = await clock.run(rejection(use()))
    t.equal(error.code, 'ERR_SCOPE_ENDED')
    t.match(error.message, /^shop: .*\(GET \/cart\)$/)
  }
  t.equal(server.attempts, 0)
})

void t.test('the end comes once, and again is the same', async (t) => {
  const { pool, clock } = fakePool()
  const scope = pool.openScope()
  await clock.run(scope.query('BEGIN'))
  const ending = scope.end()
  t.equal(scope.end(), ending)
  await clock.run(ending)
  t.equal(pool.stats().released, 1)
})

void t.test('whatever its work does: result and error pass through', async (t) => {
  const { pool, clock } = fakePool()
  t.equal(await clock.run(pool.scope({}, () => 5)), 5)
  const thrown = new Error('mine')
  const failing = pool.scope({}, async (scope) => {
    await scope.query('BEGIN')
    throw thrown
  })
  t.equal(await clock.run(rejection(failing)), thrown)
  t.match(pool.stats(), { inUse: 0, idle: 1, rollbacks: 1 })
})

void t.test('after its time is over, from the first statement on', async (t) => {
  const { pool, clock } = fakePool()
  const ending = rejection(
    pool.scope({ timeout: 100, label: 'job' }, async (scope) => {
      await clock.advance(500)
      await scope.query('SELECT 1')
      t.equal(scope.signal.aborted, false)
      await new Promise(() => {})
    }),
  )
  const error = await clock.run(ending)
  t.equal(error.code, 'ERR_SCOPE_ENDED')
  t.match(error.message, 'after 100 ms (job)')
  t.equal(clock.now(), 600)
  t.match(pool.stats(), { idle: 1, inUse: 0 })
})

void t.test('when its signal says so', async (t) => {
  const { pool, clock } = fakePool()
  const abort = new AbortController()
  const reason = new Error('lost the lock')
  let inside: AbortSignal | undefined
  const ending = rejection(
    pool.scope({ signal: abort.signal }, async (scope) => {
      inside = scope.signal
      await scope.query('HANG')
    }),
  )
  await clock.advance(10)
  abort.abort(reason)
  const error = await clock.run(ending)
  t.equal(error.code, 'ERR_ABORTED')
  t.equal(error.cause, reason)
  t.ok(inside?.aborted)
  t.match(pool.stats(), { idle: 1, inUse: 0, kills: 1 })
})

void t.test('a signal that said so before: its work does not begin', async (t) => {
  const { pool, clock } = fakePool()
  const work = () => t.fail('it began')
  const error = await clock.run(rejection(pool.scope({ signal: AbortSignal.abort() }, work)))
  t.equal(error.code, 'ERR_ABORTED')
})

void t.test('who is done leaves neither timer nor listener', async (t) => {
  const { pool, clock } = fakePool()
  await clock.run(pool.warm(1))
  const { timers } = clock
  const abort = new AbortController()
  await clock.run(
    pool.scope({ timeout: 1000, signal: abort.signal }, (scope) => scope.query('SELECT 1')),
  )
  t.equal(clock.timers, timers)
  abort.abort()
  t.match(pool.stats(), { idle: 1, inUse: 0 })
})

class FakeResponse extends EventEmitter implements ResponseLike {
  writableFinished = false
  socket: EventEmitter | null = new EventEmitter()
}

const fakeRequest = () => ({ socket: Object.assign(new EventEmitter(), { destroyed: false }) })

async function exchange(): Promise<
  ReturnType<typeof fakePool> & { scope: Scope; response: FakeResponse }
> {
  const fakes = fakePool()
  const scope = fakes.pool.openScope({ label: 'GET /cart' })
  const response = new FakeResponse()
  endWithResponse(scope, fakeRequest(), response)
  return { ...fakes, scope, response }
}

void t.test('when the last byte is handed over, unless something still runs', async (t) => {
  const { pool, clock, scope, response } = await exchange()
  await clock.run(scope.query('SELECT 1'))
  response.emit('prefinish')
  await clock.advance(0)
  t.match(pool.stats(), { idle: 1, inUse: 0 })
  t.notOk(scope.ended, 'it may take one again')

  const running = scope.query('SLEEP 50')
  await clock.advance(10)
  response.emit('prefinish')
  t.equal(pool.stats().inUse, 1, 'a statement keeps it')
  await clock.run(running)

  const transaction = scope.transaction(() => clock.advance(50))
  await clock.advance(10)
  response.emit('prefinish')
  t.equal(pool.stats().inUse, 1, 'a transaction keeps it')
  await clock.run(transaction)
})

void t.test('when the response is closed', async (t) => {
  for (const finished of [true, false]) {
    const { pool, clock, scope, response } = await exchange()
    await clock.run(scope.query('BEGIN'))
    response.writableFinished = finished
    response.emit('close')
    await clock.advance(10)
    t.ok(scope.ended)
    t.match(pool.stats(), { idle: 1, inUse: 0, rollbacks: 1 })
    const error = await rejection(scope.query('SELECT 1'))
    t.equal(error.code, 'ERR_SCOPE_ENDED')
    t.equal(error.message.includes('client is gone'), !finished)
  }
})

void t.test('when the socket is, where the response has none yet', async (t) => {
  const { pool } = fakePool()
  const request = fakeRequest()
  const response = new FakeResponse()
  response.socket = null
  const scope = pool.openScope()
  endWithResponse(scope, request, response)
  t.equal(request.socket.listenerCount('close'), 1)
  request.socket.emit('close')
  t.ok(scope.ended)

  const answered = pool.openScope()
  endWithResponse(answered, request, response)
  response.emit('close')
  t.equal(request.socket.listenerCount('close'), 0, 'a socket outlives its requests')

  const late = pool.openScope()
  request.socket.destroyed = true
  endWithResponse(late, request, response)
  t.ok(late.ended)
})
