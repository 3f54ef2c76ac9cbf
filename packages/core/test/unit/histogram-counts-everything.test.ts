import fc from 'fast-check'
import t from 'tap'

import { Histogram } from '#core/observe/histogram.js'

const duration = fc.double({ min: 0, max: 100_000, noNaN: true })

void t.test('each value is in the one bucket that it fits', async (t) => {
  fc.assert(
    fc.property(duration, (ms) => {
      const histogram = new Histogram()
      histogram.record(ms)
      const { buckets } = histogram.snapshot()
      const found = buckets.findIndex(({ count }) => count === 1)
      const below = found === 0 ? -1 : buckets[found - 1]!.leMs
      return ms > below && ms <= buckets[found]!.leMs
    }),
  )
  t.pass()
})

void t.test('count, sum and max are those of the values', async (t) => {
  fc.assert(
    fc.property(fc.array(duration), (values) => {
      const histogram = new Histogram()
      for (const ms of values) histogram.record(ms)
      const { buckets, count, sumMs, maxMs } = histogram.snapshot()
      const inBuckets = buckets.reduce((sum, bucket) => sum + bucket.count, 0)
      const sum = values.reduce((total, ms) => total + ms, 0)
      return (
        count === values.length &&
        inBuckets === count &&
        sumMs === sum &&
        maxMs === Math.max(0, ...values)
      )
    }),
  )
  t.pass()
})

void t.test('bounds grow, and the last one is no bound', async (t) => {
  const bounds = new Histogram().snapshot().buckets.map(({ leMs }) => leMs)
  t.strictSame(
    bounds,
    bounds.toSorted((a, b) => a - b),
  )
  t.equal(bounds.at(-1), Infinity)
})

void t.test('a snapshot does not change any more', async (t) => {
  const histogram = new Histogram()
  const before = histogram.snapshot()
  histogram.record(3)
  t.equal(before.count, 0)
  t.ok(before.buckets.every(({ count }) => count === 0))
})
