import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection } from '../support/rejection.ts'

/** As a user of JavaScript may give them, and what is told of each. */
const LABELS: readonly (readonly [label: unknown, told: string])[] = [
  ['GET /cart', 'GET /cart'],
  [42, '42'],
  [42n, '42'],
  [Symbol('cart'), 'Symbol(cart)'],
  [{ user: 'eve' }, '[object Object]'],
  [Object.create(null), ''],
  [null, ''],
]

for (const [label, told] of LABELS as readonly (readonly [never, string])[]) {
  const given = typeof label === 'symbol' ? 'a symbol' : told || 'one that is no text'

  void t.test(`${given}, of a lease`, async (t) => {
    const { pool, clock } = fakePool({ max: 1 })
    const lease = await clock.run(pool.acquire({ label }))
    t.equal(lease.label, told)
    pool.acquire({ label, timeout: 100 }).catch(() => {})
    t.match(pool.snapshot(), { leases: [{ label: told }], waiters: [{ label: told }] })
    await clock.run(lease.release())
    t.match((await rejection(lease.query('SELECT 1'))).message, `(${told})`)
  })

  void t.test(`${given}, of a scope that is given or asked for it`, async (t) => {
    const { pool, clock } = fakePool()
    for (const of of [label, (() => label) as never]) {
      const scope = pool.openScope({ label: of })
      await clock.run(scope.query('SELECT 1'))
      t.equal(scope.label, told)
      t.match(pool.snapshot().leases, [{ label: told }])
      await scope.end()
    }
  })

  void t.test(`${given}, of scopes that wait for each other`, async (t) => {
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
