import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection } from '../support/rejection.ts'

void t.test('until the statement has ended, and the connection is kept', async (t) => {
  const { pool, clock, server } = fakePool()
  const scope = pool.openScope()
  const running = rejection(scope.query('HANG'))
  await clock.advance(10)
  server.earlyKills = 2
  const before = clock.now()
  await clock.run(scope.end())
  t.equal((await running).code, 'ERR_SCOPE_ENDED')
  t.strictSame(server.kills, [
    { threadId: 1, what: 'query' },
    { threadId: 1, what: 'query' },
    { threadId: 1, what: 'query' },
  ])
  t.equal(clock.now() - before, 200)
  t.match(pool.stats(), { idle: 1, total: 1, kills: 1 })
})

void t.test('not for ever', async (t) => {
  const { pool, clock, server } = fakePool({ settleTimeout: 1000 })
  const scope = pool.openScope()
  const running = rejection(scope.query('HANG'))
  await clock.advance(10)
  server.earlyKills = 1000
  await clock.run(scope.end())
  t.equal((await running).code, 'ERR_SCOPE_ENDED')
  t.match(pool.stats(), { inUse: 0, busy: 0 })
  t.equal(pool.stats().evicted['settle failed'], 1)
  t.equal(server.kills.at(-1)!.what, 'connection')
})
