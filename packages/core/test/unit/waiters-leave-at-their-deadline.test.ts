import fc from 'fast-check'
import t from 'tap'

import { Waiter, type LeaseOwner, WaitQueue } from '#core/pool/wait-queue.js'

import { VirtualClock } from '../support/virtual-clock.ts'

function makeQueue() {
  const clock = new VirtualClock()
  const expired: string[] = []
  const queue = new WaitQueue(clock, (waiter) => expired.push(`${waiter.label} at ${clock.now()}`))
  const add = (label: string, timeout: number, owner?: LeaseOwner): Waiter => {
    const now = clock.now()
    const waiter = new Waiter(
      now,
      now + timeout,
      label,
      owner,
      () => {},
      () => {},
    )
    queue.add(waiter)
    return waiter
  }
  const labels = () => [...queue].map((waiter) => waiter.label)
  return { clock, queue, expired, add, labels }
}

void t.test('first come, first served', async (t) => {
  const { queue, add, labels } = makeQueue()
  const a = add('a', 10)
  add('b', 5)
  const c = add('c', 20)
  t.strictSame(labels(), ['a', 'b', 'c'])
  t.equal(queue.first, a)
  queue.remove(c)
  queue.remove(a)
  t.strictSame(labels(), ['b'])
  t.equal(queue.size, 1)
})

void t.test('deadlines come in the order of time, not of arrival', async (t) => {
  const { clock, expired, add } = makeQueue()
  add('late', 30)
  add('early', 10)
  await clock.advance(5)
  add('middle', 15)
  await clock.advance(100)
  t.strictSame(expired, ['early at 10', 'middle at 20', 'late at 30'])
})

void t.test('one timer serves all, and none is left when nobody waits', async (t) => {
  const { clock, queue, add } = makeQueue()
  const waiters = [50, 10, 30, 20].map((timeout) => add('', timeout))
  t.equal(clock.timers, 1)
  await clock.advance(15)
  t.equal(queue.size, 3)
  t.equal(clock.timers, 1)
  for (const waiter of waiters) if (waiter.deadline > clock.now()) queue.remove(waiter)
  t.equal(clock.timers, 0)
})

void t.test('who waits for ever needs no timer', async (t) => {
  const { clock, queue, add } = makeQueue()
  add('patient', Infinity)
  t.equal(clock.timers, 0)
  add('hurried', 10)
  await clock.advance(1000)
  t.equal(queue.first?.label, 'patient')
  t.equal(clock.timers, 0)
})

void t.test('an owner knows its waiters', async (t) => {
  const { clock, queue, add } = makeQueue()
  const owner: LeaseOwner = {
    label: 'request',
    outer: undefined,
    late: false,
    waiting: 0,
    waiters: new Set(),
    leaseEnded: () => {},
  }
  const served = add('served', 10, owner)
  add('expired', 10, owner)
  add('somebody else', 100)
  t.equal(owner.waiters.size, 2)
  t.equal(owner.waiting, 2)
  queue.remove(served)
  await clock.advance(10)
  t.equal(owner.waiters.size, 0)
  t.equal(owner.waiting, 0)
  t.equal(queue.size, 1)
})

void t.test('who leaves is told to no signal any more', async (t) => {
  const { queue, add } = makeQueue()
  const waiter = add('', 10)
  let stopped = 0
  waiter.stopListening = () => stopped++
  queue.remove(waiter)
  t.equal(stopped, 1)
})

void t.test('everybody leaves exactly at its deadline, whoever else comes and goes', async (t) => {
  const arrival = fc.record({
    pause: fc.nat(20),
    timeout: fc.integer({ min: 1, max: 60 }),
    served: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(arrival, { maxLength: 12 }), async (arrivals) => {
      const { clock, queue, expired, add } = makeQueue()
      const due: { at: number; text: string }[] = []
      for (const [i, { pause, timeout, served }] of arrivals.entries()) {
        await clock.advance(pause)
        const waiter = add(String(i), timeout)
        if (served) queue.remove(waiter)
        else due.push({ at: waiter.deadline, text: `${i} at ${waiter.deadline}` })
      }
      await clock.advance(100)
      const inTime = due.toSorted((a, b) => a.at - b.at).map(({ text }) => text)
      return JSON.stringify(expired) === JSON.stringify(inTime) && clock.timers === 0
    }),
    { numRuns: 40 },
  )
  t.pass()
})
