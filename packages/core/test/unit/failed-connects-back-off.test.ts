import fc from 'fast-check'
import t from 'tap'

import { ConnectGate } from '#core/pool/connect-gate.js'

const MAX = 50
const error = new Error('no')
const middle = () => 0.5

/** How long the gate stays shut after each of `times` failures in a row, with a probe after each pause. */
function pauses(gate: ConnectGate, times: number): number[] {
  const found: number[] = []
  let now = 0
  for (let i = 0; i < times; i++) {
    gate.failed('unreachable', error, 0, now)
    const until = gate.nextChange(now)
    found.push(until - now)
    now = until
  }
  return found
}

void t.test('a new gate is open', async (t) => {
  const gate = new ConnectGate(middle)
  t.equal(gate.allowed(0), Infinity)
  t.equal(gate.limit(MAX, 0), MAX)
  t.equal(gate.nextChange(0), Infinity)
  t.equal(gate.refusal(0), undefined)
  t.equal(gate.lastFailure, undefined)
})

void t.test('the pause doubles, up to a second', async (t) => {
  t.strictSame(pauses(new ConnectGate(() => 1), 8), [20, 40, 80, 160, 320, 640, 1000, 1000])
  t.strictSame(pauses(new ConnectGate(() => 0), 8), [10, 20, 40, 80, 160, 320, 500, 500])
})

void t.test('jitter takes at most half of it', async (t) => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
  fc.assert(
    fc.property(chance, fc.integer({ min: 1, max: 40 }), (random, times) => {
      const last = pauses(new ConnectGate(() => random), times).at(-1)!
      const longest = Math.min(1000, 20 * 2 ** (times - 1))
      return last >= longest / 2 - 1e-6 && last <= longest + 1e-6
    }),
  )
  t.pass()
})

void t.test('while shut it lets nobody in, afterwards one probe at a time', async (t) => {
  const gate = new ConnectGate(middle)
  gate.failed('unreachable', error, 3, 100)
  t.equal(gate.allowed(100), 0)
  const until = gate.nextChange(100)
  t.equal(gate.allowed(until - 0.01), 0)
  t.equal(gate.allowed(until), 1)
  t.equal(gate.lastFailure?.error, error)
  t.equal(gate.limit(MAX, 100), MAX, 'the limit stays')
})

void t.test('a success forgets everything', async (t) => {
  const gate = new ConnectGate(middle)
  pauses(gate, 5)
  gate.failed('refused', error, 0, 5000)
  gate.failed('full', error, 2, 5000)
  gate.succeeded()
  t.equal(gate.allowed(5000), Infinity)
  t.equal(gate.limit(MAX, 5000), MAX)
  t.equal(gate.refusal(5000), undefined)
  t.equal(gate.lastFailure, undefined)
  t.equal(gate.nextChange(5000), Infinity)
  t.strictSame(pauses(gate, 1), [15], 'the next pause is a first one')
})

void t.test('a full server lowers the limit for a while, and is no failure', async (t) => {
  const gate = new ConnectGate(() => 1)
  gate.failed('full', error, 7, 0)
  t.equal(gate.limit(MAX, 0), 7)
  t.equal(gate.limit(5, 0), 5, 'never above the own maximum')
  t.equal(gate.allowed(0), 1, 'nobody is kept out')
  t.equal(gate.refusal(0), undefined)
  t.equal(gate.nextChange(0), 250)
  t.equal(gate.limit(MAX, 250), MAX, 'raised by time')
  gate.failed('full', error, 6, 250)
  t.equal(gate.nextChange(250), 750, 'twice as long, if it is still full then')
  t.equal(gate.limit(MAX, 251), 6)
})

void t.test('a refusal stands as long as the gate is shut', async (t) => {
  const gate = new ConnectGate(middle)
  gate.failed('refused', error, 0, 0)
  const until = gate.nextChange(0)
  t.equal(gate.refusal(0), error)
  t.equal(gate.refusal(until), undefined)
  gate.failed('unreachable', new Error('gone'), 0, until)
  t.equal(gate.refusal(until), undefined, 'another kind of failure ends it')
})

void t.test('what fails together counts once', async (t) => {
  const unreachable = new ConnectGate(() => 1)
  for (let i = 0; i < 32; i++) unreachable.failed('unreachable', error, 0, 0)
  t.equal(unreachable.nextChange(0), 20)
  const full = new ConnectGate(() => 1)
  for (let i = 0; i < 32; i++) full.failed('full', error, 9, 0)
  t.equal(full.nextChange(0), 250)
})
