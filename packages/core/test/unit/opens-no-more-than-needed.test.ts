import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'

const settings = { min: 5, max: 50 }

void t.test("HikariCP's spike: 50 requests of 2 ms, connects of 150 ms", async (t) => {
  const { pool, clock, server } = fakePool(settings, { connectMs: 150 })
  await clock.advance(200)
  t.equal(server.attempts, 5, 'the minimum')
  const started = clock.now()
  const uses = Array.from({ length: 50 }, () => pool.use((lease) => lease.query('SLEEP 2')))
  await clock.run(Promise.all(uses))
  t.ok(clock.now() - started <= 40, `took ${clock.now() - started} ms`)
  await clock.advance(1000)
  t.ok(server.attempts <= 10, `opened ${server.attempts}`)
})

void t.test('a lasting load is given all connections soon', async (t) => {
  const { pool, clock, server } = fakePool(settings, { connectMs: 150 })
  await clock.advance(200)
  const uses: Promise<unknown>[] = []
  for (let ms = 0; ms < 600; ms++) {
    uses.push(pool.use((lease) => lease.query('SLEEP 100')))
    await clock.advance(1)
  }
  t.equal(server.live.length, 50)
  t.match(pool.stats(), { total: 50, max: 50 })
  await clock.run(Promise.all(uses))
  t.equal(server.mostOpen, 50)
})

void t.test('connects run in parallel, up to the bound', async (t) => {
  const { pool, clock, server } = fakePool({ max: 50, maxConnecting: 4 }, { connectMs: 100 })
  const uses = Array.from({ length: 100 }, () => pool.use((lease) => lease.query('SLEEP 1000')))
  await clock.advance(500)
  t.equal(server.mostConnecting, 4)
  await clock.run(Promise.all(uses))
  t.ok(server.mostConnecting <= 4)
  t.equal(server.mostOpen, 50)
})

void t.test('one request opens one connection', async (t) => {
  const { pool, clock, server } = fakePool({}, { connectMs: 200 })
  await clock.run(pool.use((lease) => lease.query('SLEEP 100')))
  await clock.advance(1000)
  t.equal(server.attempts, 1)
})

void t.test('requests one after another share one', async (t) => {
  const { pool, clock, server } = fakePool({}, { connectMs: 20 })
  for (let i = 0; i < 10; i++) await clock.run(pool.use((lease) => lease.query('SLEEP 10')))
  t.equal(server.attempts, 1)
  t.match(pool.stats(), { acquired: 10, hits: 9, misses: 1, reuseRate: 0.9 })
})

void t.test('the first connections are opened together, without being asked for', async (t) => {
  const { pool, clock, server } = fakePool({ min: 5 }, { connectMs: 100 })
  t.equal(server.connecting, 5)
  t.match(pool.stats(), { connecting: 5, total: 5 })
  await clock.advance(100)
  t.match(pool.stats(), { idle: 5, connecting: 0, created: 5 })
  t.equal(pool.stats().connect.count, 5)
})
