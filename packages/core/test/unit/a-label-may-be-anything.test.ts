import { once } from 'node:events'

import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection } from '../support/rejection.ts'

/** As a user of JavaScript may give them, and what is told of each. */
const LABELS: readonly (readonly [name: string, label: unknown, told: string])[] = [
  ['a number', 42, '42'],
  ['a bigint', 42n, '42'],
  ['a symbol', Symbol('cart'), 'Symbol(cart)'],
  ['an object', { user: 'eve' }, '[object Object]'],
  ['an object that is no text', Object.create(null), '[object Object]'],
  ['null', null, ''],
]

for (const [name, label, told] of LABELS as readonly (readonly [string, never, string])[]) {
  void t.test(`${name}, of a lease`, async (t) => {
    const { pool, clock } = fakePool({ max: 1 })
    const heard: string[] = []
    pool.on('acquired', (fact) => heard.push(fact.label))
    pool.on('queued', (fact) => heard.push(fact.label))
    const lease = await clock.run(pool.acquire({ label }))
    t.equal(lease.label, told)
    pool.acquire({ label, timeout: 100 }).catch(() => {})
    t.strictSame(heard, [told, told])
    t.match(pool.snapshot(), { leases: [{ label: told }], waiters: [{ label: told }] })
    await clock.run(lease.release())
    t.match((await rejection(lease.query('SELECT 1'))).message, `(${told})`)
  })

  void t.test(`${name}, of a scope that is given or asked for it`, async (t) => {
    const { pool, clock } = fakePool()
    for (const of of [label, (() => label) as never]) {
      const scope = pool.openScope({ label: of, timeout: 100 })
      await clock.run(scope.query('SELECT 1'))
      t.equal(scope.label, told)
      t.match(pool.snapshot().leases, [{ label: told }])
      await clock.advance(100)
      t.match(await rejection(scope.query('SELECT 1')), { code: 'ERR_SCOPE_ENDED' })
      t.match(pool.stats(), { inUse: 0 })
    }
  })

  void t.test(`${name}, of scopes that wait for each other`, async (t) => {
    const { pool, clock } = fakePool({ max: 2 })
    const scopes = [pool.openScope({ label }), pool.openScope({ label })]
    await clock.run(Promise.all(scopes.map((scope) => scope.query('SELECT 1'))))
    const [first, second] = scopes.map((scope) => rejection(scope.acquire()))
    const error = await clock.run(second!)
    t.equal(error.code, 'ERR_POOL_DEADLOCK')
    t.match(error.message, `: ${told || 'unnamed'}. `)
    await Promise.all(scopes.map((scope) => scope.end()))
    t.equal((await first!).code, 'ERR_SCOPE_ENDED')
    t.match(pool.stats(), { inUse: 0, waiting: 0 })
  })
}

void t.test('a function that throws what is no text', async (t) => {
  const { pool, clock } = fakePool()
  const warned = once(process, 'warning')
  const scope = pool.openScope({
    label: () => {
      throw Object.create(null)
    },
  })
  await clock.run(scope.query('SELECT 1'))
  await clock.run(scope.end())
  t.match(await warned, [{ message: 'the label of a scope threw: [object Object]' }])
  t.match(pool.stats(), { inUse: 0, idle: 1 })
})
