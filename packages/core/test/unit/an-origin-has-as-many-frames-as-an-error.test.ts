import t from 'tap'

import { fakePool } from '../support/fake-pool.ts'

/** Calls `work` from so many functions, one in the other. */
function from<T>(depth: number, work: () => T): T {
  return depth === 0 ? work() : [() => from(depth - 1, work)].map((inner) => inner())[0]!
}

void t.test('of the caller, after our own', async (t) => {
  const { pool, clock } = fakePool({ max: 2, leakThreshold: 1000 })
  const framesOf = (stack: string | undefined): number => stack!.split('\n').length
  const direct = await clock.run(from(20, () => pool.acquire()))
  const scope = pool.openScope()
  await clock.run(from(20, () => scope.query('SELECT 1')))
  const [first, second] = pool.snapshot().leases.map(({ stack }) => framesOf(stack))
  t.ok(first! >= Error.stackTraceLimit, `${first} frames of who acquired`)
  t.ok(second! >= Error.stackTraceLimit, `${second} frames of who asked a scope`)
  await direct.release()
  await scope.end()
})

void t.test('a limit that the app has set is heeded, and kept', async (t) => {
  const before = Error.stackTraceLimit
  t.teardown(() => {
    Error.stackTraceLimit = before
  })
  const { pool, clock } = fakePool({ max: 2, leakThreshold: 1000 })
  const counts: number[] = []
  for (const limit of [0, 2, 50]) {
    Error.stackTraceLimit = limit
    const lease = await clock.run(from(60, () => pool.acquire()))
    counts.push(lease.stack!.split('\n').length)
    t.equal(Error.stackTraceLimit, limit)
    await lease.release()
  }
  const [none, two, many] = counts as [number, number, number]
  t.ok(none < 10 && two < 10 && many >= 50, counts.join(' '))
})
