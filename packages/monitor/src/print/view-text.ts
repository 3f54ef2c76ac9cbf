import { hostname } from 'node:os'

import { healthOf } from '../health/diagnose.ts'
import type { Finding } from '../health/finding.ts'
import { duration } from '../text/duration.ts'
import { paintTone, type Style } from '../text/style.ts'
import { table } from '../text/table.ts'
import { type Holder, holdersOf, nameOf, processesOf, type View } from '../view/view.ts'
import { printFindings } from './findings.ts'
import { holdersTable } from './holders-table.ts'
import { poolsTable } from './pools-table.ts'
import { printServer } from './server-lines.ts'

const MOST_HOLDERS = 20
const MOST_WAITERS = 8
const MOST_FINDINGS = 15

/** All of a view, for who looks once. */
export function printView(
  view: View,
  findings: readonly Finding[],
  slowMs: number,
  style: Style,
): string[] {
  const holders = holdersOf(view)
  const bad = badHolders(findings)
  const sections = [
    [headline(view, findings, style)],
    view.pools.length === 0 ? [] : poolsTable(view.pools, style),
    holders.length === 0
      ? []
      : [
          ...holdersTable(holders.slice(0, MOST_HOLDERS), bad, style),
          ...more(holders.length - MOST_HOLDERS, 'holders', style),
        ],
    waiters(view, style),
    printServer(view, slowMs, style),
    [
      ...printFindings(findings.slice(0, MOST_FINDINGS), style),
      ...more(findings.length - MOST_FINDINGS, 'findings', style),
    ],
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .flatMap((lines, i) => (i > 0 ? ['', ...lines] : lines))
}

export function headline(view: View, findings: readonly Finding[], style: Style): string {
  const { paint, glyphs } = style
  const health = healthOf(findings)
  const state = {
    well: 'all is well',
    warning: count(findings.length, 'warning'),
    critical: `${findings.filter(({ severity }) => severity === 'critical').length} critical, ${count(findings.filter(({ severity }) => severity === 'warning').length, 'warning')}`,
  }[health]
  const what = `${count(processesOf(view).length, 'process', 'processes')}, ${count(view.pools.length, 'pool')}`
  return `${paint.bold('lifeguard')} on ${hostname()} ${glyphs.dot} ${what} ${glyphs.dot} ${paintTone(style, health, `${glyphs[health]} ${state}`)}`
}

/** Tells of whom a finding tells. */
export function badHolders(findings: readonly Finding[]): (holder: Holder) => boolean {
  const bad = new Set(findings.map(({ pid, pool, owner }) => `${pid} ${pool} ${owner}`))
  return ({ pool, lease }) => bad.has(`${pool.process.pid} ${pool.pool.stats.name} ${lease.label}`)
}

function waiters(view: View, style: Style): string[] {
  const groups = new Map<
    string,
    { pool: string; label: string; count: number; longestMs: number }
  >()
  for (const { pool } of view.pools) {
    for (const waiter of pool.waiters) {
      const label = nameOf(waiter)
      const key = `${pool.stats.name} ${label}`
      const group = groups.get(key) ?? { pool: pool.stats.name, label, count: 0, longestMs: 0 }
      group.count++
      group.longestMs = Math.max(group.longestMs, waiter.waitedMs)
      groups.set(key, group)
    }
  }
  if (groups.size === 0) return []
  const sorted = [...groups.values()].sort((a, b) => b.longestMs - a.longestMs)
  return [
    ...table(
      [
        { title: 'WAITING', right: true, cell: (group) => String(group.count) },
        { title: 'LONGEST', right: true, cell: (group) => duration(group.longestMs) },
        { title: 'WHO', shrinksTo: 16, cell: (group) => group.label },
        { title: 'POOL', shrinksTo: 6, cell: (group) => group.pool },
      ],
      sorted.slice(0, MOST_WAITERS),
      style,
    ),
    ...more(sorted.length - MOST_WAITERS, 'labels', style),
  ]
}

function more(left: number, what: string, style: Style): string[] {
  return left > 0 ? [style.paint.dim(`and ${left} more ${what}; --json has all`)] : []
}

function count(n: number, one: string, several = `${one}s`): string {
  return `${n} ${n === 1 ? one : several}`
}
