import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'

import t, { type Test } from 'tap'

import type { Lease } from '#core/pool/lease.js'

import { fakePool } from '../support/fake-pool.ts'
import { rejection } from '../support/rejection.ts'

const STEPS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const

interface Told {
  readonly step: string
  readonly pool: string
  readonly label: string
  readonly result: unknown
  readonly error: unknown
}

/** Traces the acquires of one pool. */
function listen(t: Test, pool: string, hear: (step: string, message: Told) => void): void {
  const channel = tracingChannel('lifeguard:acquire')
  const [start, end, asyncStart, asyncEnd, error] = STEPS.map((step) => (message: unknown) => {
    if ((message as Told).pool === pool) hear(step, message as Told)
  })
  const tracer = { start, end, asyncStart, asyncEnd, error } as Parameters<
    typeof channel.subscribe
  >[0]
  channel.subscribe(tracer)
  t.teardown(() => channel.unsubscribe(tracer))
}

/** What a tracer is told of the acquires of one pool. */
function trace(t: Test, pool: string): Told[] {
  const told: Told[] = []
  listen(t, pool, (step, { result, error, ...rest }) => told.push({ ...rest, step, result, error }))
  return told
}

void t.test('in the same steps, whether it waits or not', async (t) => {
  const { pool, clock } = fakePool({ name: 'steps', max: 1 })
  const told = trace(t, 'steps')
  const opened = await clock.run(pool.acquire({ label: 'opened' }))
  const waiting = pool.acquire({ label: 'waited' })
  await opened.release()
  const waited = await waiting
  await waited.release()
  const hot = await pool.acquire({ label: 'hot' })
  await hot.release()
  for (const lease of [opened, waited, hot]) {
    const own = told.filter(({ label }) => label === lease.label)
    t.strictSame(
      own.map(({ step }) => step),
      ['start', 'end', 'asyncStart', 'asyncEnd'],
      lease.label,
    )
    t.strictSame(
      own.map(({ result }) => result === lease),
      [false, false, true, true],
      lease.label,
    )
  }
})

void t.test("a scope's first statement, too, with the scope's label", async (t) => {
  const { pool, clock } = fakePool({ name: 'scoped', max: 1 })
  await clock.run(pool.warm(1))
  const told = trace(t, 'scoped')
  await clock.run(pool.scope({ label: () => 'GET /cart' }, (scope) => scope.query('SELECT 1')))
  t.strictSame(
    told.map(({ step, label }) => `${step} ${label}`),
    ['start GET /cart', 'end GET /cart', 'asyncStart GET /cart', 'asyncEnd GET /cart'],
  )
})

void t.test('once for all statements of a scope that wait for it', async (t) => {
  const { pool, clock } = fakePool({ name: 'shared', max: 1 })
  const held = await clock.run(pool.acquire())
  const told = trace(t, 'shared')
  const scope = pool.openScope({ label: 'GET /cart' })
  const statements = Promise.all([1, 2, 3].map(() => scope.query('SELECT 1')))
  await held.release()
  await clock.run(statements)
  await scope.end()
  t.strictSame(
    told.map(({ step, label }) => `${step} ${label}`),
    ['start GET /cart', 'end GET /cart', 'asyncStart GET /cart', 'asyncEnd GET /cart'],
  )
})

void t.test(
  'with the error, where its scope ends in the moment in which it is served',
  async (t) => {
    const { pool, clock } = fakePool({ name: 'late', max: 1 })
    const held = await clock.run(pool.acquire())
    const told = trace(t, 'late')
    const scope = pool.openScope()
    const waiting = rejection(scope.query('SELECT 1'))
    void held.release()
    void scope.end()
    const error = await waiting
    t.match(error, { code: 'ERR_SCOPE_ENDED' })
    t.strictSame(
      told.map(({ step }) => step),
      ['start', 'end', 'error', 'asyncStart', 'asyncEnd'],
    )
    t.equal(told.at(-1)!.error, error)
  },
)

void t.test('with the error, where there is none to be had', async (t) => {
  const { pool, clock } = fakePool({ name: 'ended', max: 1 })
  await clock.run(pool.end())
  const told = trace(t, 'ended')
  const error: unknown = await pool.acquire().catch((reason: unknown) => reason)
  t.strictSame(
    told.map(({ step }) => step),
    ['start', 'end', 'error', 'asyncStart', 'asyncEnd'],
  )
  t.equal(told.at(-1)!.error, error)
})

void t.test('with the error, where the waiting is over in vain', async (t) => {
  const { pool, clock } = fakePool({ name: 'slow', max: 1 })
  const held = await clock.run(pool.acquire())
  const told = trace(t, 'slow')
  const error: unknown = await clock.run(
    pool.acquire({ timeout: 100 }).catch((reason: unknown) => reason),
  )
  await held.release()
  t.strictSame(
    told.map(({ step }) => step),
    ['start', 'end', 'error', 'asyncStart', 'asyncEnd'],
  )
  t.match(error, { code: 'ERR_ACQUIRE_TIMEOUT' })
  t.equal(told.at(-1)!.error, error)
})

void t.test("in its caller's async context, whoever gives the connection back", async (t) => {
  const { pool, clock } = fakePool({ name: 'context', max: 1 })
  const request = new AsyncLocalStorage<string>()
  const span = new AsyncLocalStorage<string>()
  const { start } = tracingChannel('lifeguard:acquire')
  start.bindStore(span, (message) => `span of ${(message as Told).label}`)
  t.teardown(() => start.unbindStore(span))
  const told: string[] = []
  listen(t, 'context', (step) => told.push(`${step} ${request.getStore()} ${span.getStore()}`))

  const first = await clock.run(pool.acquire({ label: 'a' }))
  told.length = 0
  const waiting = request.run('B', () => pool.acquire({ label: 'b' }))
  await request.run('A', () => first.release())
  await (await waiting).release()
  t.strictSame(told, [
    'start B span of b',
    'end B span of b',
    'asyncStart B span of b',
    'asyncEnd B span of b',
  ])
})

void t.test('a tracer that takes a connection itself gets another one', async (t) => {
  const { pool, clock } = fakePool({ name: 'greedy', max: 2 })
  await clock.run(pool.warm(2))
  const taken: Lease[] = []
  const start = (message: unknown): void => {
    const { pool: name, label } = message as Told
    if (name === 'greedy' && label === 'own') {
      void pool.acquire({ label: 'tracer' }).then((lease) => taken.push(lease))
    }
  }
  subscribe('tracing:lifeguard:acquire:start', start)
  t.teardown(() => unsubscribe('tracing:lifeguard:acquire:start', start))
  const own = await pool.acquire({ label: 'own' })
  await clock.advance(0)
  t.not(taken[0]!.threadId, own.threadId)
  t.match(pool.stats(), { inUse: 2, acquired: 4 })
})
