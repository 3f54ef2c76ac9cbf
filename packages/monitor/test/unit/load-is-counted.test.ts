import fc from 'fast-check'
import t from 'tap'

import { header } from '#monitor/cli/options.js'
import { PoolsWatch } from '#monitor/load/pools-watch.js'
import { makeResult } from '#monitor/load/result.js'
import { percentile, Tally } from '#monitor/load/tally.js'
import { publicUrl } from '#monitor/text/url.js'

import { aLease, aPool, aReport, aServer, aView, viewOf } from '../support/snapshots.ts'

void t.test('answers and failures, by second and in all', async (t) => {
  const tally = new Tally()
  for (const [status, latency, at] of [
    [200, 10, 100],
    [200, 30, 900],
    [503, 1, 950],
    [302, 20, 2100],
  ] as const) {
    tally.answer(status, latency, at)
  }
  tally.fail('timeout', 2500)
  t.match(tally, { answered: 4, failed: 2 })
  t.strictSame(
    [...tally.failures],
    [
      ['status 503', 1],
      ['timeout', 1],
    ],
  )
  t.strictSame(tally.seconds(), [
    { second: 0, answered: 3, failed: 1, p50Ms: 10, p99Ms: 30 },
    { second: 1, answered: 0, failed: 0, p50Ms: undefined, p99Ms: undefined },
    { second: 2, answered: 1, failed: 1, p50Ms: 20, p99Ms: 20 },
  ])
  t.strictSame(tally.latency(), { p50Ms: 20, p90Ms: 30, p99Ms: 30, p999Ms: 30, maxMs: 30 })
  t.equal(new Tally().latency(), undefined)
})

void t.test('a percentile is a value that so many did not exceed', async () => {
  const values = fc.array(fc.nat(1000), { minLength: 1 })
  fc.assert(
    fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (some, share) => {
      const sorted = some.toSorted((a, b) => a - b)
      const value = percentile(sorted, share)!
      const below = sorted.filter((one) => one <= value).length
      return sorted.includes(value) && below >= share * sorted.length
    }),
  )
})

void t.test('pools are summed, and only what they did meanwhile counts', async (t) => {
  const stats = { acquired: 1000, hits: 990, created: 10, total: 5 }
  const watch = new PoolsWatch(aView([aPool({ stats })], aServer()))
  const busy = aPool({
    leases: [aLease(), aLease()],
    stats: { acquired: 1100, hits: 1080, created: 15, total: 9, timeouts: 2, waiting: 4 },
  })
  const late = aReport(
    [aPool({ stats: { acquired: 100, hits: 90, created: 10, total: 3 } })],
    99,
    100,
  )
  const source = '/tmp/lifeguard-0/4711-0-00c0ffee.sock'
  watch.add(
    viewOf([
      { source, report: aReport([busy]) },
      { source: '/tmp/late.sock', report: late },
    ]),
    250,
  )
  watch.add(aView([aPool({ stats: { ...stats, acquired: 1100, hits: 1080, created: 15 } })]), 500)
  t.match(watch.pools(), {
    pools: 2,
    processes: 2,
    max: 20,
    peakTotal: 12,
    peakInUse: 2,
    peakWaiting: 4,
    inUseAfter: 0,
    acquired: 200,
    reuseRate: 0.9,
    created: 15,
  })
  t.equal(new PoolsWatch(aView([])).pools(), undefined)
})

void t.test('what is not given back, other traffic or not', async (t) => {
  const lease = (threadId: number, sinceMs: number, heldMs: number) =>
    aLease({ threadId, sinceMs, heldMs })
  const watch = new PoolsWatch(aView([aPool({ leases: [lease(1, 10, 5000)] })]))
  watch.end(1000)
  watch.add(aView([aPool({ leases: [lease(1, 10, 7000), lease(2, 20, 900)] })]), 1500)
  t.equal(watch.kept, 1, 'the first one was there before')
  watch.add(aView([aPool({ leases: [lease(1, 10, 8000), lease(2, 900, 3)] })]), 2000)
  t.equal(watch.kept, 0, 'the second one was lent anew')
  t.match(watch.pools(), { inUseAfter: 2, kept: 0 })
})

void t.test('a process that is started anew meanwhile begins with nothing', async (t) => {
  const source = 'http://shop/lifeguard'
  const seen = (pid: number, acquired: number) => {
    const pool = aPool({ stats: { acquired, hits: acquired } })
    return viewOf([{ source, report: aReport([pool], pid, pid === 1 ? 60_000 : 100) }])
  }
  const watch = new PoolsWatch(seen(1, 1000))
  watch.add(seen(1, 1100), 250)
  watch.add(seen(2, 40), 500)
  t.match(watch.pools(), { acquired: 140, reuseRate: 1, max: 10 })
})

void t.test(
  'what was there before, and comes into sight later, brings none of its past',
  async (t) => {
    const seen = (timeouts: number) => {
      const refused = { ERR_QUEUE_FULL: timeouts, ERR_BREAKER_OPEN: 1, ERR_POOL_DEADLOCK: timeouts }
      const report = aReport([aPool({ stats: { timeouts, refused } })])
      return viewOf([{ source: '/tmp/old.sock', report }])
    }
    const watch = new PoolsWatch(viewOf([]))
    watch.add(seen(50), 250)
    watch.add(seen(52), 500)
    t.match(watch.pools(), { timeouts: 2, refused: 4 })
  },
)

void t.test('who does not answer at the end may keep anything', async (t) => {
  const watch = new PoolsWatch(aView([aPool()]))
  watch.end(1000)
  watch.add(viewOf([{ source: '/tmp/x.sock', problem: 'does not answer', hangs: true }]), 1100)
  const tally = new Tally()
  tally.answer(200, 5, 10)
  const options = {
    url: new URL('http://shop/'),
    connections: 1,
    durationMs: 1000,
    method: 'GET',
    headers: {},
    body: undefined,
    timeoutMs: 1000,
  }
  const { problems } = makeResult(options, 0, 1000, tally, watch)
  t.strictSame(problems, ['1 process did not tell at the end how it was'])
})

void t.test('a pool that ends does not give its past to the next one', async (t) => {
  const pools = ['first', 'second'].map((name) => aPool({ stats: { name } }))
  const before = aView(pools).pools.map(({ key }) => key)
  const [after] = aView(pools.slice(1)).pools.map(({ key }) => key)
  t.equal(after, before[1])
})

void t.test('headers, and what of a URL may be shown', async (t) => {
  t.strictSame(header('Accept: a: b', header('X-One:1', undefined)), {
    'X-One': '1',
    Accept: 'a: b',
  })
  for (const wrong of ['Accept', ': b', 'a b: c']) {
    t.throws(() => header(wrong, undefined), { message: "--header: expected 'Name: value'" })
  }
  t.equal(publicUrl(new URL('http://u:canary@h:1/a?b=canary#canary')), 'http://h:1/a')
})
