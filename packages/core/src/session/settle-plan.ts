import type { SessionReport } from '../connector/connector.ts'

/**
 * What a release does to a session before somebody else may have it.
 * - `none`: the session is as it was; no round trip.
 * - `rollback`: the transaction is open, or may be.
 * - `reset`: something else of the session was changed, or may have been.
 * - `interrupt`: a statement is still running; end it, then plan again.
 * - `evict`: nothing brings it back.
 */
export type SettlePlan = 'none' | 'rollback' | 'reset' | 'interrupt' | 'evict'

export const SETTLE_MODES = ['auto', 'always'] as const

/** `auto`: as little as is safe. `always`: a reset after every use. */
export type SettleMode = (typeof SETTLE_MODES)[number]

/** What is unknown counts as dirty. A reset also ends a transaction, so it comes before `rollback`. */
export function planSettle(report: SessionReport, mode: SettleMode): SettlePlan {
  if (report.dead || report.beyondReset) return 'evict'
  if (report.busy) return 'interrupt'
  if (mode === 'always' || report.changed || report.autocommitChanged) return 'reset'
  return report.transaction === 'none' ? 'none' : 'rollback'
}
