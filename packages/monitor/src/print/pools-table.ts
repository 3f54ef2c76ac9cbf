import { basename } from 'node:path'

import type { PoolStats } from '@lifeguard/core'

import { quantile } from '../health/histogram.ts'
import { bar } from '../text/bar.ts'
import { amount, durationOrDash, percent } from '../text/duration.ts'
import type { Style } from '../text/style.ts'
import { type Column, table } from '../text/table.ts'
import { foreignHost, type PoolView } from '../view/view.ts'

const BAR_WIDTH = 10

/** What a pool did in the time that is looked at. */
export type Deeds = Pick<PoolStats, 'wait' | 'use' | 'timeouts'>

export function poolsTable(pools: readonly PoolView[], style: Style): string[] {
  return table(
    poolColumns(({ pool }) => pool.stats, style),
    pools,
    style,
  )
}

/** `lately`: since the process began, or over the last looks. */
export function poolColumns(lately: (pool: PoolView) => Deeds, style: Style): Column<PoolView>[] {
  const { paint, glyphs } = style
  return [
    { title: 'POOL', shrinksTo: 8, cell: ({ pool }) => pool.stats.name, paint: paint.bold },
    { title: 'PROCESS', shrinksTo: 10, cell: processName },
    {
      title: 'IN USE',
      cell: ({ pool: { stats } }) =>
        `${bar(stats.inUse, stats.effectiveMax, BAR_WIDTH, glyphs)} ${stats.inUse}/${stats.effectiveMax}`,
      paint: (text, { pool: { stats } }) => {
        if (stats.inUse < stats.effectiveMax) return paint.green(text)
        return stats.waiting > 0 ? paint.red(text) : paint.yellow(text)
      },
    },
    { title: 'IDLE', right: true, cell: ({ pool }) => amount(pool.stats.idle) },
    {
      title: 'WAITING',
      right: true,
      cell: ({ pool }) => amount(pool.stats.waiting),
      paint: (text, { pool }) => (pool.stats.waiting > 0 ? paint.red(text) : text),
    },
    {
      title: 'WAIT P95',
      right: true,
      optional: 1,
      cell: (pool) => durationOrDash(quantile(lately(pool).wait, 0.95)),
    },
    {
      title: 'USE P95',
      right: true,
      optional: 3,
      cell: (pool) => durationOrDash(quantile(lately(pool).use, 0.95)),
    },
    { title: 'REUSE', right: true, cell: ({ pool }) => percent(pool.stats.reuseRate) },
    {
      title: 'TIMEOUTS',
      right: true,
      optional: 2,
      cell: ({ pool }) => amount(pool.stats.timeouts),
      paint: (text, pool) => (lately(pool).timeouts > 0 ? paint.red(text) : text),
    },
    { title: 'SERVER', shrinksTo: 12, optional: 4, cell: ({ pool }) => pool.target },
  ]
}

/** `4711 server.js`, and where it is, if elsewhere. */
export function processName({ process }: PoolView): string {
  const { pid, threadId, script } = process
  const host = foreignHost(process)
  return [
    threadId === 0 ? pid : `${pid}/${threadId}`,
    ...(script === undefined ? [] : [basename(script)]),
    ...(host === undefined ? [] : [`on ${host}`]),
  ].join(' ')
}
