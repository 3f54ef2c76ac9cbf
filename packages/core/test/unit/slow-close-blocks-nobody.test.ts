import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'

void t.test('others go on while a connection takes its time to close', async (t) => {
  const { pool, clock, server } = fakePool({ max: 5, maxUses: 1 }, { closeMs: 500 })
  const started = clock.now()
  for (let i = 0; i < 4; i++) await clock.run(pool.use((lease) => lease.query('SELECT 1')))
  t.equal(clock.now(), started)
  t.match(pool.stats(), { total: 4, busy: 4 }, 'they count as long as the server counts them')
  await clock.advance(500)
  t.match(pool.stats(), { total: 0, busy: 0 })
  t.equal(server.live.length, 0)
})

void t.test('a release does not wait for it', async (t) => {
  const { pool, clock, server } = fakePool({ maxUses: 1 })
  server.hangs.add('close')
  await clock.run(pool.use(() => {}))
  t.equal(clock.now(), 0)
})

void t.test('where the goodbye hangs, the socket is closed after a second', async (t) => {
  const { pool, clock, server } = fakePool({ max: 1, maxUses: 1 })
  server.hangs.add('close')
  await clock.run(pool.use(() => {}))
  const next = pool.acquire()
  await clock.advance(999)
  t.equal(pool.stats().waiting, 1, 'never more than max at the server')
  server.hangs.delete('close')
  await clock.run(next)
  t.equal(clock.now(), 1000)
  t.ok(server.sessions[0]!.destroyed)
  t.equal(server.mostOpen, 1)
})
