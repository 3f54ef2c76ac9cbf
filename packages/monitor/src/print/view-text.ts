import { hostname } from 'node:os'

import { healthOf } from '../health/diagnose.ts'
import { type Finding, subjectOf } from '../health/finding.ts'
import { count } from '../text/count.ts'
import { paintTone, type Style } from '../text/style.ts'
import { type Holder, holdersOf, type View } from '../view/view.ts'
import { printFindings } from './findings.ts'
import { holdersTable } from './holders-table.ts'
import { more } from './more.ts'
import { poolsTable } from './pools-table.ts'
import { printServer } from './server-lines.ts'
import { waitersTable } from './waiters-table.ts'

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
    waitersTable(view.pools, MOST_WAITERS, style),
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
  const what = `${count(view.seen.length, 'process', 'processes')}, ${count(view.pools.length, 'pool')}`
  return `${paint.bold('lifeguard')} on ${hostname()} ${glyphs.dot} ${what} ${glyphs.dot} ${paintTone(style, health, `${glyphs[health]} ${state}`)}`
}

/** Tells of whom a finding tells. */
export function badHolders(findings: readonly Finding[]): (holder: Holder) => boolean {
  const key = ({
    host,
    pid,
    pool,
    owner,
  }: Pick<Finding, 'host' | 'pid' | 'pool' | 'owner'>): string =>
    JSON.stringify([host, pid, pool, owner])
  const bad = new Set(findings.map(key))
  return ({ pool, lease }) => bad.has(key({ ...subjectOf(pool), owner: lease.label }))
}
