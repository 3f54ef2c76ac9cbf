import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'

import t, { type Test } from 'tap'

import type { Lease } from '#core/pool/lease.js'

import { fakePool } from '../support/fake-pool.ts'

const STEPS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const

interface Told {
  readonly step: string
  readonly pool: string
  readonly label: string
  readonly result: unknown
  readonly error: unknown
}

/** What a tracer is told of the acquires of one pool. */
function trace(t: Test, pool: string): Told[] {
  const told: Told[] = []
  const channel = tracingChannel('lifeguard:acquire')
  const hear = (step: string) => (message: unknown) => {
    const { result, error, ...rest } = message as Told
    if (rest.pool === pool) told.push({ ...rest, step, result, error })
  }
  const [start, end, asyncStart, asyncEnd, error] = STEPS.map(hear)
  const tracer = { start, end, asyncStart, asyncEnd, error } as Parameters<
    typeof channel.subscribe
  >[0]
  channel.subscribe(tracer)
  t.teardown(() => channel.unsubscribe(tracer))
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
