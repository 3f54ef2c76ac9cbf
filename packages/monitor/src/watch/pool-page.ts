import type { HistogramSnapshot } from '@lifeguard/core'

import { quantile } from '../health/histogram.ts'
import { processName } from '../print/pools-table.ts'
import { waitersTable } from '../print/waiters-table.ts'
import { bar, sparkline } from '../text/bar.ts'
import { amount, duration, durationOrDash, percent } from '../text/duration.ts'
import { plain } from '../text/plain.ts'
import type { Style } from '../text/style.ts'
import { table } from '../text/table.ts'
import { refusedCallers } from '../view/refused-callers.ts'
import type { PoolView } from '../view/view.ts'
import type { PoolSample } from './history.ts'

const LABEL_WIDTH = 12
/** More would leave no room for the rest. */
const MOST_WAITERS = 3

/** One pool in detail; without it, that it is none any more. */
export function poolPage(
  view: PoolView | undefined,
  samples: readonly PoolSample[],
  style: Style,
): string[] {
  if (!view) return [style.paint.dim('The pool has ended, or its process is not seen any more.')]
  const { pool } = view
  const { stats, settings } = pool
  const { paint, glyphs, width } = style
  const database = pool.database === undefined ? '' : `/${pool.database}`
  const line = (label: string, text: string): string =>
    `${paint.dim(label.padEnd(LABEL_WIDTH))}${text}`
  const course = (label: string, values: readonly number[], last: string, max?: number): string =>
    line(
      label,
      `${paint.cyan(sparkline(values, Math.min(48, width - LABEL_WIDTH - 14), glyphs, max))}  ${last}`,
    )
  const last = samples.at(-1)
  const waiters = waitersTable([view], MOST_WAITERS, style)
  return [
    `${paint.bold(plain(stats.name))}  ${plain(processName(view))}  ${plain(pool.target + database)}  ${pool.phase}`,
    '',
    line(
      'connections',
      `${bar(stats.inUse, stats.effectiveMax, 10, glyphs)} ${stats.inUse} in use, ${stats.idle} idle, ${stats.connecting} connecting, ${stats.busy} busy; ${stats.total} of ${stats.effectiveMax}`,
    ),
    course(
      'in use',
      samples.map(({ inUse }) => inUse),
      String(stats.inUse),
      stats.effectiveMax,
    ),
    course(
      'waiting',
      samples.map(({ waiting }) => waiting),
      String(stats.waiting),
    ),
    course(
      'acquires/s',
      samples.map(({ acquiresPerSecond }) => acquiresPerSecond),
      amount(last?.acquiresPerSecond ?? 0),
    ),
    course(
      'wait p95',
      samples.map(({ waitP95Ms }) => waitP95Ms),
      duration(last?.waitP95Ms ?? 0),
    ),
    '',
    ...waiters,
    ...(waiters.length > 0 ? [''] : []),
    ...table(
      [
        { title: 'SINCE THE START', cell: ([name]) => name },
        ...[0.5, 0.95, 0.99].map((share) => ({
          title: `P${share * 100}`,
          right: true,
          cell: ([, histogram]: Row) => durationOrDash(quantile(histogram, share)),
        })),
        {
          title: 'MAX',
          right: true,
          cell: ([, histogram]) => durationOrDash(histogram.count ? histogram.maxMs : undefined),
        },
        { title: 'COUNT', right: true, cell: ([, histogram]) => amount(histogram.count) },
      ],
      [
        ['wait', stats.wait],
        ['use', stats.use],
        ['connect', stats.connect],
      ] satisfies Row[],
      style,
    ),
    '',
    line(
      'reuse',
      `${percent(stats.reuseRate)} of ${amount(stats.acquired)} acquires; ${amount(stats.created)} connections opened, ${amount(stats.connectFailures)} failed`,
    ),
    line(
      'cleaned up',
      `${amount(stats.rollbacks)} rollbacks, ${amount(stats.resets)} resets, ${amount(stats.kills)} kills, ${amount(stats.leaks)} leaks, ${amount(stats.timeouts)} timeouts, ${amount(refusedCallers(stats))} refused`,
    ),
    line('let go', evictions(stats.evicted)),
    line(
      'settings',
      `min ${settings.min}, max ${settings.max}, hold ${settings.hold}, acquireTimeout ${duration(settings.acquireTimeout)}`,
    ),
    line(
      '',
      `leakThreshold ${orOff(settings.leakThreshold)}, statementTimeout ${orOff(settings.statementTimeout)}, idleTimeout ${orOff(settings.idleTimeout)}`,
    ),
  ]
}

type Row = readonly [string, HistogramSnapshot]

function evictions(evicted: Readonly<Record<string, number>>): string {
  const some = Object.entries(evicted).filter(([, n]) => n > 0)
  return some.length === 0 ? 'none' : some.map(([reason, n]) => `${amount(n)} ${reason}`).join(', ')
}

function orOff(ms: number): string {
  return ms === 0 ? 'off' : duration(ms)
}
