import fc from 'fast-check'
import t from 'tap'

import type { Pool } from '#core/pool.js'
import type { Lease } from '#core/pool/lease.js'
import { EVICT_REASONS } from '#core/pool/slot.js'

import type { FakeConnector } from '../support/fake-connector.ts'
import { fakePool } from '../support/fake-pool.ts'
import { flush, type VirtualClock } from '../support/virtual-clock.ts'

const MAX = 4

/** One run through whatever may happen to a pool. */
class Walk {
  declare readonly pool: Pool
  declare readonly clock: VirtualClock
  declare readonly server: FakeConnector
  readonly held: Lease[] = []
  readonly aborts: AbortController[] = []
  readonly pending = new Set<Promise<unknown>>()
  wrong: string | undefined
  refused = 0

  constructor(min: number, connectMs: number) {
    const options = {
      min,
      max: MAX,
      acquireTimeout: 60,
      queueLimit: 6,
      idleTimeout: 400,
      maxLifetime: 900,
      maxUses: 3,
      checkAfterIdle: 30,
      checkTimeout: 40,
      connectTimeout: 50,
      settleTimeout: 30,
      statementTimeout: 25,
      healthCheckInterval: 150,
      leakThreshold: 100,
    }
    Object.assign(this, fakePool(options, { connectMs, pingMs: 1, closeMs: 2, killMs: 2 }))
  }

  acquire(): void {
    const abort = new AbortController()
    this.aborts.push(abort)
    this.#track(this.pool.acquire({ signal: abort.signal }).then((lease) => this.held.push(lease)))
  }

  abort(i: number): void {
    this.aborts.splice(i % (this.aborts.length || 1), 1)[0]?.abort()
  }

  release(i: number): void {
    const lease = this.held.splice(i % (this.held.length || 1), 1)[0]
    if (lease) this.#track(lease.release())
  }

  destroy(i: number): void {
    const lease = this.held.splice(i % (this.held.length || 1), 1)[0]
    if (lease) this.#track(lease.destroy())
  }

  query(i: number, sql: string): void {
    const lease = this.held[i % (this.held.length || 1)]
    if (lease) this.#track(lease.query(sql))
  }

  scope(i: number, sql: string): void {
    const scope = this.pool.openScope({ timeout: 10 + i })
    this.#track(scope.transaction((tx) => tx.query(sql)))
    if (i % 2) this.#track(this.clock.advance(0).then(() => scope.end()))
  }

  die(i: number): void {
    const { live } = this.server
    live[i % (live.length || 1)]?.die()
  }

  check(): void {
    const stats = this.pool.stats()
    const { acquired, released, inUse, idle, connecting, busy, total, hits, misses } = stats
    this.#same(acquired, released + inUse, 'acquired')
    this.#same(total, idle + inUse + connecting + busy, 'total')
    this.#same(acquired, hits + misses, 'hits and misses')
    this.#same(stats.wait.count, acquired, 'wait histogram')
    this.#same(stats.use.count, released, 'use histogram')
    this.#same(stats.connect.count, stats.created, 'connect histogram')
    const gone = EVICT_REASONS.reduce((sum, reason) => sum + stats.evicted[reason], 0)
    this.#atMost(gone, stats.created, 'evicted')
    this.#atMost(total, MAX, 'total')
    this.#atMost(this.server.mostOpen, MAX, 'connections at the server')
    this.#atMost(this.server.live.length, total, 'connections that the pool does not know of')
  }

  async finish(): Promise<void> {
    this.server.down = undefined
    this.server.hangs.clear()
    for (const session of this.server.sessions) session.stubborn = false
    while (this.held.length > 0) this.release(0)
    await this.clock.advance(500)
    while (this.held.length > 0) this.release(0)
    await this.clock.advance(500)
    this.check()
    const { inUse, waiting } = this.pool.stats()
    this.#same(inUse, 0, 'in use at rest')
    this.#same(waiting, 0, 'waiting at rest')
    this.#same(this.pending.size, 0, 'promises that are not settled')
    await this.clock.run(this.pool.end({ deadline: 0 }))
    this.#same(this.server.live.length, 0, 'connections left open')
    this.#same(this.pool.stats().total, 0, 'total at the end')
    // What is left belongs to the fake server: statements and connects that nobody waits for.
    await this.clock.advance(100)
    this.#same(this.clock.timers, 0, 'timers at the end')
  }

  #track(work: Promise<unknown>): void {
    const done = work.catch(() => this.refused++).finally(() => this.pending.delete(done))
    this.pending.add(done)
  }

  #same(found: number, wanted: number, what: string): void {
    if (found !== wanted) this.wrong ??= `${what}: found ${found}, wanted ${wanted}`
  }

  #atMost(found: number, most: number, what: string): void {
    if (found > most) this.wrong ??= `${what}: ${found}, more than ${most}`
  }
}

type Step = readonly [name: string, run: (walk: Walk) => unknown]

const some = fc.nat(9)
const step = (name: string, run: (walk: Walk, i: number) => unknown): fc.Arbitrary<Step> =>
  some.map((i) => [`${name} ${i}`, (walk) => run(walk, i)])

const sql = ['SELECT 1', 'BEGIN', 'SET @a = 1', 'SLEEP 8', 'HANG', 'FAIL', "XA START 'x'"]
const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: step('acquire', (walk) => walk.acquire()) },
    { weight: 6, arbitrary: step('release', (walk, i) => walk.release(i)) },
    { weight: 6, arbitrary: step('pass time', (walk, i) => walk.clock.advance(i * i)) },
    { weight: 4, arbitrary: step('query', (walk, i) => walk.query(i, sql[i % sql.length]!)) },
    { weight: 2, arbitrary: step('scope', (walk, i) => walk.scope(i, sql[i % sql.length]!)) },
    { weight: 2, arbitrary: step('die', (walk, i) => walk.die(i)) },
    { weight: 2, arbitrary: step('abort', (walk, i) => walk.abort(i)) },
    step('destroy', (walk, i) => walk.destroy(i)),
    step('evict all', (walk) => walk.pool.evictAll()),
    step('suspend', (walk) => walk.pool.suspend()),
    { weight: 2, arbitrary: step('resume', (walk) => walk.pool.resume()) },
    step(
      'down',
      (walk, i) => (walk.server.down = ['ECONNREFUSED', 'ER_ACCESS_DENIED_ERROR'][i % 3]),
    ),
    step('up', (walk) => (walk.server.down = undefined)),
    step('full', (walk, i) => (walk.server.capacity = i % 4 || Infinity)),
    step('hang', (walk, i) =>
      walk.server.hangs.add((['connect', 'ping', 'control', 'reset', 'kill'] as const)[i % 5]!),
    ),
    step('answer', (walk) => walk.server.hangs.clear()),
    step('stubborn', (walk, i) =>
      walk.server.live.slice(i, i + 1).forEach((one) => (one.stubborn = true)),
    ),
  ),
  { minLength: 5, maxLength: 60 },
)

void t.test('whatever happens, counts agree, and in the end nothing is left', async (t) => {
  const start = fc.tuple(fc.nat(2), fc.constantFrom(0, 3, 20))
  await fc.assert(
    fc.asyncProperty(start, steps, async ([min, connectMs], list) => {
      const walk = new Walk(min, connectMs)
      walk.server.failures.set('FAIL', 'ER_DUP_ENTRY')
      for (const [, run] of list) {
        await run(walk)
        walk.check()
        await flush()
        walk.check()
      }
      walk.server.capacity = Infinity
      walk.pool.resume()
      await walk.finish()
      if (walk.wrong) throw new Error(walk.wrong)
    }),
    { numRuns: 150 },
  )
  t.pass()
})
