import t from 'tap'

import { SYSTEM_CLOCK } from '#core/util/clock.js'
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

void t.test('sockets are read before a timer that is late', async (t) => {
  const order: string[] = []
  const late = new Promise<void>((resolve) => {
    SYSTEM_CLOCK.after(1, () => resolve(void order.push('timer')), true)
  })
  // When timers come to their turn, this one is overdue, and the turn of the sockets is still to come.
  const busyUntil = performance.now() + 5
  while (performance.now() < busyUntil);
  setImmediate(() => order.push('after the sockets'))
  await late
  t.strictSame(order, ['after the sockets', 'timer'])
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
