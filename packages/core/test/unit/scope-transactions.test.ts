import { AsyncResource } from 'node:async_hooks'

import t from 'tap'

import type { Scope } from '#core/scope/scope.js'

import { fakePool } from '../support/fake-pool.ts'
import { rejection } from '../support/rejection.ts'

void t.test('everything sent inside runs in it', async (t) => {
  const { pool, clock, server } = fakePool()
  const repository = { add: () => pool.query('INSERT') }
  await clock.run(
    pool.transaction(async (tx) => {
      await tx.query('SELECT 1')
      await repository.add()
      await tx.execute('SELECT 2')
    }),
  )
  t.strictSame(server.newest.log, ['START TRANSACTION', 'SELECT 1', 'INSERT', 'SELECT 2', 'COMMIT'])
  t.match(pool.stats(), { acquired: 1, released: 1, idle: 1, rollbacks: 0 })
})

void t.test('an error undoes it, and passes through', async (t) => {
  const { pool, clock, server } = fakePool()
  const thrown = new Error('mine')
  const failing = pool.transaction(async (tx) => {
    await tx.query('INSERT')
    throw thrown
  })
  t.equal(await clock.run(rejection(failing)), thrown)
  t.strictSame(server.newest.log, ['START TRANSACTION', 'INSERT', 'ROLLBACK'])
})

void t.test('those begun side by side in one scope take turns', async (t) => {
  const { pool, clock, server } = fakePool()
  const add = (scope: Scope, name: string, ms: number) =>
    scope.transaction(async (tx) => {
      await tx.query(`INSERT ${name}`)
      await tx.query(`SLEEP ${ms}`)
      if (name === 'b') throw new Error('b fails')
    })
  const outcomes = await clock.run(
    pool.scope({}, (scope) =>
      Promise.allSettled([add(scope, 'a', 30), add(scope, 'b', 10), add(scope, 'c', 20)]),
    ),
  )
  t.strictSame(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  const begin = 'START TRANSACTION'
  t.strictSame(server.newest.log, [
    begin,
    'INSERT a',
    'SLEEP 30',
    'COMMIT',
    begin,
    'INSERT b',
    'SLEEP 10',
    'ROLLBACK',
    begin,
    'INSERT c',
    'SLEEP 20',
    'COMMIT',
  ])
  t.equal(server.attempts, 1)
})

void t.test("with hold: 'transaction' they run side by side", async (t) => {
  const { pool, clock, server } = fakePool({ hold: 'transaction' })
  const started = clock.now()
  await clock.run(
    pool.scope({}, (scope) =>
      Promise.all([1, 2, 3].map(() => scope.transaction((tx) => tx.query('SLEEP 30')))),
    ),
  )
  t.equal(server.sessions.length, 3)
  t.ok(clock.now() - started < 60)
})

void t.test('one inside of another is a savepoint, however it is begun', async (t) => {
  const begin: Record<
    string,
    (pool: ReturnType<typeof fakePool>['pool'], work: () => unknown) => unknown
  > = {
    pool: (pool, work) => pool.transaction(work),
    scope: (pool, work) => pool.currentScope!.transaction(work),
  }
  for (const [how, nest] of Object.entries(begin)) {
    const { pool, clock, server } = fakePool()
    await clock.run(
      pool.transaction(async () => {
        await nest(pool, () => pool.query('INSERT'))
        await pool.query('SELECT 1')
      }),
    )
    t.strictSame(
      server.newest.log,
      [
        'START TRANSACTION',
        'SAVEPOINT lifeguard_1',
        'INSERT',
        'RELEASE SAVEPOINT lifeguard_1',
        'SELECT 1',
        'COMMIT',
      ],
      how,
    )
  }
})

void t.test('the end of the scope undoes one that is under way', async (t) => {
  const { pool, clock, server } = fakePool()
  const scope = pool.openScope()
  const running = rejection(scope.transaction((tx) => tx.query('HANG')))
  await clock.advance(10)
  await clock.run(scope.end())
  t.equal((await running).code, 'ERR_SCOPE_ENDED')
  t.notOk(server.newest.log.includes('COMMIT'))
  t.ok(server.newest.clean)
  t.equal(pool.stats().idle, 1)
})

void t.test('work of it that does not notice the end commits nothing', async (t) => {
  const { pool, clock, server } = fakePool({ max: 1 })
  const scope = pool.openScope()
  const running = rejection(
    scope.transaction(async (tx) => {
      await tx.query('INSERT')
      await clock.advance(100)
      return 'done'
    }),
  )
  await clock.advance(50)
  await clock.run(scope.end())
  t.equal((await clock.run(running)).code, 'ERR_SCOPE_ENDED')
  t.strictSame(server.newest.log, ['START TRANSACTION', 'INSERT', 'ROLLBACK'])
})

void t.test('who waits for its turn when the scope ends does not begin', async (t) => {
  const { pool, clock, server } = fakePool()
  const scope = pool.openScope()
  const first = rejection(scope.transaction((tx) => tx.query('HANG')))
  const second = rejection(scope.transaction(() => t.fail('it began')))
  await clock.advance(10)
  await clock.run(scope.end())
  t.equal((await first).code, 'ERR_SCOPE_ENDED')
  t.equal((await second).code, 'ERR_SCOPE_ENDED')
  t.equal(server.newest.log.filter((sql) => sql === 'START TRANSACTION').length, 1)
})

void t.test('what is not awaited is not let in after the end', async (t) => {
  const { pool, clock, server } = fakePool()
  let late!: (by: 'pool' | 'scope') => Promise<unknown>
  await clock.run(
    pool.scope({}, async (scope) => {
      await scope.transaction(() => {
        const go = new Promise<'pool' | 'scope'>((resolve) => {
          late = (by) => {
            resolve(by)
            return done
          }
        })
        const done = go.then((by) => (by === 'pool' ? pool : scope).query('INSERT'))
      })
      t.match(await rejection(late('pool')), { code: 'ERR_LEASE_RELEASED' })
    }),
  )
  t.strictSame(server.newest.log, ['START TRANSACTION', 'COMMIT'])
})

void t.test('neither through the scope', async (t) => {
  const { pool, clock, server } = fakePool()
  let done: Promise<unknown> = Promise.resolve()
  await clock.run(
    pool.scope({}, async (scope) => {
      let go!: () => void
      const gate = new Promise<void>((resolve) => {
        go = resolve
      })
      await scope.transaction(() => {
        done = gate.then(() => scope.query('INSERT')).catch(() => {})
      })
      go()
      await done
    }),
  )
  t.strictSame(server.newest.log, ['START TRANSACTION', 'COMMIT'])
})

void t.test('one around all of the work holds where the async context is lost', async (t) => {
  const { pool, clock, server } = fakePool()
  const scope = pool.openScope({ hold: 'transaction' })
  const stranger = AsyncResource.bind(async () => {
    t.equal(pool.currentScope, undefined)
    await scope.query('INSERT')
    await scope.transaction((tx) => tx.query('UPDATE'))
  })
  await clock.run(scope.runInTransaction(() => stranger()))
  t.strictSame(server.newest.log, [
    'START TRANSACTION',
    'INSERT',
    'SAVEPOINT lifeguard_1',
    'UPDATE',
    'RELEASE SAVEPOINT lifeguard_1',
    'COMMIT',
  ])
  await clock.run(scope.query('SELECT 1'))
  t.equal(server.newest.log.at(-1), 'SELECT 1', 'not in the transaction any more')
  await scope.end()
})
