import t from 'tap'

import type { SessionReport } from '#core/connector/connector.js'
import { planSettle, type SettlePlan } from '#core/session/settle-plan.js'

const CLEAN: SessionReport = {
  dead: false,
  busy: false,
  transaction: 'none',
  autocommitChanged: false,
  changed: false,
  beyondReset: false,
}

const BOOLEANS = [false, true]
const TRANSACTIONS = ['none', 'open', 'unknown'] as const

const ALL: SessionReport[] = BOOLEANS.flatMap((dead) =>
  BOOLEANS.flatMap((busy) =>
    BOOLEANS.flatMap((beyondReset) =>
      BOOLEANS.flatMap((changed) =>
        BOOLEANS.flatMap((autocommitChanged) =>
          TRANSACTIONS.map((transaction) => {
            return { dead, busy, beyondReset, changed, autocommitChanged, transaction }
          }),
        ),
      ),
    ),
  ),
)

/** The table of the design: the first row that fits is the plan. */
const ROWS: [fits: (report: SessionReport) => boolean, auto: SettlePlan, always: SettlePlan][] = [
  [({ dead }) => dead, 'evict', 'evict'],
  [({ beyondReset }) => beyondReset, 'evict', 'evict'],
  [({ busy }) => busy, 'interrupt', 'interrupt'],
  [({ changed }) => changed, 'reset', 'reset'],
  [({ autocommitChanged }) => autocommitChanged, 'reset', 'reset'],
  [({ transaction }) => transaction === 'open', 'rollback', 'reset'],
  [({ transaction }) => transaction === 'unknown', 'rollback', 'reset'],
  [() => true, 'none', 'reset'],
]

void t.test('every report has the plan of its row', async (t) => {
  t.equal(ALL.length, 96)
  const wrong = ALL.filter((report) => {
    const [, auto, always] = ROWS.find(([fits]) => fits(report))!
    return planSettle(report, 'auto') !== auto || planSettle(report, 'always') !== always
  })
  t.strictSame(wrong, [])
})

void t.test('only a session of which everything is known needs nothing', async (t) => {
  const nothing = ALL.filter((report) => planSettle(report, 'auto') === 'none')
  t.strictSame(nothing, [CLEAN])
})
