import t, { type Test } from 'tap'

import { fakePool } from '../support/fake-pool.ts'

/** The app's own way to write stacks. */
function writeStacks(t: Test, write: typeof Error.prepareStackTrace): void {
  const before = Error.prepareStackTrace
  Error.prepareStackTrace = write
  t.teardown(() => {
    Error.prepareStackTrace = before
  })
}

void t.test('not when a lease is lent, which happens for each request', async (t) => {
  const { pool, clock } = fakePool({ max: 1, leakThreshold: 1000 })
  let written = 0
  writeStacks(t, () => `Error\n    at ${++written}`)
  const lease = await clock.run(pool.acquire())
  const waiting = pool.acquire()
  await lease.release()
  const next = await waiting
  t.equal(written, 0)
  t.equal(next.stack, '    at 1')
  t.equal(next.stack, '    at 1', 'and only once')
})

void t.test('nor when it is suspected as a leak, and nobody listens', async (t) => {
  const { pool, clock } = fakePool({ leakThreshold: 1000 })
  let written = 0
  writeStacks(t, () => `Error\n    at ${++written}`)
  await clock.run(pool.acquire())
  await clock.advance(2000)
  t.equal(pool.stats().leaks, 1)
  t.equal(written, 0)
})

void t.test('what the app makes of it does not break the pool', async (t) => {
  const { pool, clock } = fakePool({ leakThreshold: 1000 })
  const seen: (string | undefined)[] = []
  pool.on('leakSuspected', ({ stack }) => seen.push(stack))
  const broken = (): never => {
    throw new Error('cannot write stacks')
  }
  for (const write of [broken, (_error: Error, frames: unknown) => frames]) {
    writeStacks(t, write)
    await clock.run(pool.acquire())
    await clock.advance(2000)
  }
  t.strictSame(seen, ['', ''])
  t.match(pool.snapshot().leases, [{ stack: '' }, { stack: '' }])
})
