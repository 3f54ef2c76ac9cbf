import t from 'tap'

import type { Clock } from '#core/util/clock.js'
import { deferred } from '#core/util/deferred.js'
import { TIMED_OUT, within } from '#core/util/within.js'

import { VirtualClock } from '../support/virtual-clock.ts'

void t.test('an answer in time passes through, and leaves no timer', async (t) => {
  const clock = new VirtualClock()
  t.equal(await within(clock, 100, Promise.resolve(5)), 5)
  await t.rejects(within(clock, 100, Promise.reject(new Error('mine'))), { message: 'mine' })
  t.equal(clock.timers, 0)
})

void t.test('no answer', async (t) => {
  const clock = new VirtualClock()
  t.equal(await clock.run(within(clock, 100, new Promise(() => {}))), TIMED_OUT)
  t.equal(clock.now(), 100)
})

void t.test('what was in the buffer when the timer fired is in time', async (t) => {
  const clock = new VirtualClock()
  const work = deferred<string>()
  // One turn of the loop after the timer: that is when sockets are read.
  const busy: Clock = {
    now: () => clock.now(),
    after: (ms, fn) =>
      clock.after(ms, () => {
        fn()
        setImmediate(() => work.resolve('just in time'))
      }),
  }
  t.equal(await clock.run(within(busy, 100, work.promise)), 'just in time')
})

void t.test('what fails after the time-out disturbs nobody', async (t) => {
  const clock = new VirtualClock()
  const work = deferred<void>()
  t.equal(await clock.run(within(clock, 100, work.promise)), TIMED_OUT)
  work.reject(new Error('too late'))
  await clock.advance(100)
})

void t.test('a limit that is over already', async (t) => {
  const clock = new VirtualClock()
  t.equal(await clock.run(within(clock, -5, new Promise(() => {}))), TIMED_OUT)
  t.equal(clock.now(), 0)
})
