import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'
import { rejection, watch } from '../support/rejection.ts'

// What a use sends, and what release sends after it.
const TABLE: Record<string, { use: string[]; settle: string[] }> = {
  'nothing at all': { use: [], settle: [] },
  'a plain query': { use: ['SELECT 1'], settle: [] },
  'a committed transaction': { use: ['BEGIN', 'INSERT', 'COMMIT'], settle: [] },
  'an open transaction': { use: ['BEGIN', 'INSERT'], settle: ['ROLLBACK'] },
  'changed variables': { use: ['SET @a = 1'], settle: ['reset'] },
  'autocommit off': { use: ['SET autocommit = 0'], settle: ['reset'] },
  both: { use: ['USE shop', 'BEGIN', 'INSERT'], settle: ['reset'] },
}

for (const [what, { use, settle }] of Object.entries(TABLE)) {
  void t.test(what, async (t) => {
    const { pool, clock, server } = fakePool()
    await clock.run(
      pool.use(async (lease) => {
        for (const sql of use) await lease.query(sql)
      }),
    )
    t.strictSame(server.newest.log, [...use, ...settle])
    t.ok(server.newest.clean)
    t.match(pool.stats(), {
      idle: 1,
      rollbacks: use.includes('BEGIN') && settle.length > 0 ? 1 : 0,
    })
  })
}

void t.test('after an error it is unknown whether a transaction is open', async (t) => {
  const { pool, clock, server } = fakePool()
  server.failures.set('INSERT', 'ER_DUP_ENTRY')
  const certain: boolean[] = []
  pool.on('rolledBack', (fact) => certain.push(fact.certain))
  const error = await clock.run(rejection(pool.query('INSERT')))
  t.match(error, { code: 'ER_DUP_ENTRY' })
  await clock.advance(0)
  t.strictSame(server.newest.log, ['INSERT', 'ROLLBACK'])
  t.strictSame(certain, [false])
})

void t.test("settle: 'always' resets after every use", async (t) => {
  const { pool, clock, server } = fakePool({ settle: 'always' })
  await clock.run(pool.use((lease) => lease.query('SELECT 1')))
  t.strictSame(server.newest.log, ['SELECT 1', 'reset'])
  t.match(pool.stats(), { idle: 1, resets: 1, rollbacks: 0 })
})

void t.test('a statement that still runs is killed, then the session reset', async (t) => {
  const { pool, clock, server } = fakePool()
  const lease = await pool.acquire({ label: 'GET /cart' })
  const killed: string[] = []
  pool.on('killed', ({ label }) => killed.push(label))
  const running = rejection(lease.query('SLEEP 60000'))
  await clock.run(lease.release())
  t.match((await running).message, 'released while this statement was running')
  t.strictSame(server.kills, [{ threadId: 1, what: 'query' }])
  t.strictSame(server.newest.log, ['SLEEP 60000', 'reset'])
  t.strictSame(killed, ['GET /cart'])
  t.match(pool.stats(), { idle: 1, kills: 1, resets: 1 })
  t.ok(clock.now() < 1000)
})

void t.test('one that ends just now is not killed', async (t) => {
  const { pool, clock, server } = fakePool()
  const lease = await pool.acquire()
  const running = lease.query('SELECT 1')
  await clock.run(lease.release())
  await running
  t.strictSame(server.kills, [])
  t.equal(pool.stats().idle, 1)
})

void t.test('one that no KILL ends takes its connection with it', async (t) => {
  const { pool, clock, server } = fakePool({ settleTimeout: 100 })
  const lease = await pool.acquire()
  server.newest.stubborn = true
  void rejection(lease.query('HANG'))
  await clock.run(lease.release())
  t.strictSame(
    server.kills.map(({ what }) => what),
    ['query', 'connection'],
  )
  await clock.advance(0)
  t.equal(server.live.length, 0)
  t.equal(pool.stats().total, 0)
})

void t.test('nobody else gets the connection before it is settled', async (t) => {
  const { pool, clock, server } = fakePool({ max: 1 })
  const lease = await pool.acquire()
  await lease.query('BEGIN')
  server.hangs.add('control')
  const released = lease.release()
  const waiter = watch(pool.acquire())
  await clock.advance(1000)
  t.equal(waiter.state, 'pending')
  t.match(pool.stats(), { busy: 1, inUse: 0, idle: 0, released: 1 })
  void released
})

void t.test('what cannot be settled in time is evicted, without a goodbye', async (t) => {
  const cases = { control: ['BEGIN'], reset: ['SET @a = 1'] } as const
  for (const [hang, statements] of Object.entries(cases)) {
    const { pool, clock, server } = fakePool({ settleTimeout: 300 })
    const lease = await pool.acquire()
    for (const sql of statements) await lease.query(sql)
    server.hangs.add(hang as keyof typeof cases)
    const released = lease.release()
    await clock.advance(299)
    t.equal(pool.stats().busy, 1, hang)
    await clock.advance(2)
    await released
    t.equal(pool.stats().evicted['settle failed'], 1, hang)
    t.ok(server.newest.destroyed, hang)
    t.equal(pool.stats().total, 0, hang)
  }
})

void t.test('where the rollback fails, too', async (t) => {
  const { pool, clock, server } = fakePool()
  server.failures.set('ROLLBACK', 'ER_UNKNOWN_ERROR')
  await clock.run(pool.use((lease) => lease.query('BEGIN')))
  await clock.advance(0)
  t.equal(pool.stats().evicted['settle failed'], 1)
  t.equal(server.live.length, 0)
})

void t.test('an XA transaction survives a rollback, so its connection goes', async (t) => {
  const { pool, clock, server } = fakePool()
  await clock.run(pool.use((lease) => lease.query("XA START 'x'")))
  await clock.advance(0)
  t.equal(pool.stats().evicted['settle failed'], 1)
  t.equal(server.live.length, 0)
})

void t.test('what no reset takes back takes the connection with it', async (t) => {
  const { pool, clock, server } = fakePool()
  await clock.run(
    pool.use(() => {
      server.newest.beyondReset = true
    }),
  )
  await clock.advance(0)
  t.ok(server.newest.closed)
  t.equal(pool.stats().evicted['settle failed'], 1)
})

void t.test('a primary that has become a replica loses all of its connections', async (t) => {
  const { pool, clock, server } = fakePool({ min: 3, max: 5 })
  await clock.advance(1)
  server.failures.set('INSERT', 'ER_OPTION_PREVENTS_STATEMENT')
  const other = await pool.acquire()
  const lease = await pool.acquire()
  server.readOnly = true
  await rejection(lease.query('INSERT'))
  await clock.run(lease.release())
  await clock.advance(1)
  t.equal(pool.stats().evicted['read-only server'], 2, 'the idle ones and this one')
  await clock.run(other.release())
  await clock.advance(1)
  t.equal(pool.stats().evicted['read-only server'], 3, 'the last one when it came back')
  t.match(pool.stats(), { idle: 3, total: 3 }, 'new ones, to whatever the address leads to now')
})
