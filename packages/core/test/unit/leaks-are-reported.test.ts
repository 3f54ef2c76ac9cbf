import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'

void t.test('a lease that is held for too long, once, with its owner and its origin', async (t) => {
  const { pool, clock } = fakePool({ leakThreshold: 1000 })
  const seen: string[] = []
  let stack: string | undefined
  pool.on('leakSuspected', (fact) => {
    seen.push(`suspected ${fact.label} after ${fact.heldMs}`)
    stack = fact.stack
  })
  pool.on('leakWithdrawn', (fact) => seen.push(`withdrawn ${fact.label} after ${fact.heldMs}`))
  await clock.run(pool.warm(2))
  const lease = await pool.acquire({ label: 'GET /cart' })
  const fine = await pool.acquire({ label: 'GET /items' })
  await clock.advance(900)
  await fine.release()
  t.strictSame(seen, [])
  await clock.advance(10_000)
  t.strictSame(seen, ['suspected GET /cart after 1000'])
  t.equal(pool.stats().leaks, 1)
  t.match(stack, 'leaks-are-reported')
  t.match(pool.snapshot().leases, [{ label: 'GET /cart', heldMs: 10_900, suspected: true }])
  await lease.release()
  t.strictSame(seen.slice(1), ['withdrawn GET /cart after 10900'])
  t.equal(pool.stats().leaks, 1, 'it was suspected, whatever came of it')
})

void t.test('the origin of one that had to wait', async (t) => {
  const { pool, clock } = fakePool({ max: 1, leakThreshold: 1000 })
  const first = await pool.acquire()
  const waiting = pool.acquire()
  const releaseFirst = () => first.release()
  await releaseFirst()
  const { stack } = await clock.run(waiting)
  t.match(stack, 'leaks-are-reported')
  t.notMatch(stack, 'releaseFirst', 'not of whoever released the connection before')
})

void t.test('never, unless asked for', async (t) => {
  const { pool, clock } = fakePool()
  pool.on('leakSuspected', () => t.fail('not asked for'))
  const lease = await clock.run(pool.acquire())
  await clock.advance(3_600_000)
  t.equal(lease.stack, undefined, 'and no stack is taken')
  t.equal(pool.stats().leaks, 0)
})
