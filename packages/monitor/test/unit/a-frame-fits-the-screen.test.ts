import { stripVTControlCharacters } from 'node:util'

import fc from 'fast-check'
import t from 'tap'

import { diagnose } from '#monitor/health/diagnose.js'
import { DEFAULT_THRESHOLDS as thresholds } from '#monitor/health/finding.js'
import { widthOf } from '#monitor/text/plain.js'
import { makeStyle } from '#monitor/text/style.js'
import { frame } from '#monitor/watch/frame.js'
import { History } from '#monitor/watch/history.js'
import { press, START, type Ui } from '#monitor/watch/ui.js'

import { aLease, aPool, aView } from '../support/snapshots.ts'

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constant('GET /cart/:id'))
const lease = fc.record({
  label: text,
  statement: text,
  threadId: fc.nat(9999),
  heldMs: fc.nat(1e8),
  stateMs: fc.nat(1e8),
  state: fc.constantFrom('running' as const, 'idle' as const, 'transaction' as const),
})
const pool = fc
  .tuple(text, fc.array(lease, { maxLength: 30 }))
  .map(([name, leases]) => aPool({ stats: { name }, leases: leases.map((one) => aLease(one)) }))
const key = fc.constantFrom('up', 'down', 'tab', 'return', 'escape', 's', 'p', 'h')

void t.test('whatever is seen, whatever was pressed, on a screen of any size', async () => {
  fc.assert(
    fc.property(
      fc.array(pool, { maxLength: 12 }),
      fc.array(key, { maxLength: 8 }),
      fc.integer({ min: 1, max: 160 }),
      fc.integer({ min: 1, max: 50 }),
      (pools, keys, width, height) => {
        const view = aView(pools)
        const ui = keys.reduce<Ui>((before, one) => press(before, one, view) as Ui, START)
        const scene = { view, findings: diagnose(view), history: new History(), thresholds, ui }
        const style = makeStyle({ color: true, ascii: false, width })
        const lines = frame(scene, height, style)
        const bare = lines.map((line) => stripVTControlCharacters(line))
        return (
          lines.length === height &&
          bare.every((line) => widthOf(line) <= style.width && !/[\p{Cc}\p{Cf}]/u.test(line))
        )
      },
    ),
    { numRuns: 300 },
  )
})

void t.test('the three that matter are named on 80 × 24, with advice', async (t) => {
  const leases = [
    aLease({ threadId: 1, label: 'GET /a', state: 'idle', stateMs: 60_000, heldMs: 60_000 }),
    aLease({ threadId: 2, label: 'GET /b', state: 'running', stateMs: 50_000 }),
    aLease({ threadId: 3, label: 'GET /c', state: 'transaction', stateMs: 40_000 }),
  ]
  const view = aView([aPool({ leases })])
  const findings = diagnose(view)
  const style = makeStyle({ color: false, ascii: false, width: 80 })
  const scene = { view, findings, history: new History(), thresholds, ui: START }
  const screen = frame(scene, 24, style).join('\n')
  for (const what of ['GET /a holds', 'GET /b runs', 'GET /c has', 'KILL QUERY 2', 'KILL 3']) {
    t.match(screen.replaceAll(/\s+/g, ' '), what)
  }
})
