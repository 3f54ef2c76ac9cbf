import { basename } from 'node:path'

import { quantile } from '../health/histogram.ts'
import { bar } from '../text/bar.ts'
import { amount, durationOrDash, percent } from '../text/duration.ts'
import type { Style } from '../text/style.ts'
import { type Column, table } from '../text/table.ts'
import type { PoolView } from '../view/view.ts'

const BAR_WIDTH = 10

export function poolsTable(pools: readonly PoolView[], style: Style): string[] {
  return table(poolColumns(style), pools, style)
}

export function poolColumns(style: Style): Column<PoolView>[] {
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
      cell: ({ pool }) => durationOrDash(quantile(pool.stats.wait, 0.95)),
    },
    {
      title: 'USE P95',
      right: true,
      optional: 3,
      cell: ({ pool }) => durationOrDash(quantile(pool.stats.use, 0.95)),
    },
    { title: 'REUSE', right: true, cell: ({ pool }) => percent(pool.stats.reuseRate) },
    {
      title: 'TIMEOUTS',
      right: true,
      optional: 2,
      cell: ({ pool }) => amount(pool.stats.timeouts),
      paint: (text, { pool }) => (pool.stats.timeouts > 0 ? paint.red(text) : text),
    },
    { title: 'SERVER', shrinksTo: 12, optional: 4, cell: ({ pool }) => pool.target },
  ]
}

export function processName({ process }: PoolView): string {
  const { pid, threadId, script } = process
  const thread = threadId === 0 ? '' : `/${threadId}`
  return `${pid}${thread}${script === undefined ? '' : ` ${basename(script)}`}`
}
