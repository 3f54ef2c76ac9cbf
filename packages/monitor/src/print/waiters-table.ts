import { duration } from '../text/duration.ts'
import type { Style } from '../text/style.ts'
import { table } from '../text/table.ts'
import { nameOf, type PoolView } from '../view/view.ts'
import { more } from './more.ts'

interface Group {
  readonly pool: string
  readonly label: string
  readonly count: number
  readonly longestMs: number
}

/** Who waits for a connection, those that have waited for longest first; empty where nobody does. */
export function waitersTable(pools: readonly PoolView[], most: number, style: Style): string[] {
  const groups = groupsOf(pools)
  if (groups.length === 0) return []
  return [
    ...table<Group>(
      [
        { title: 'WAITING', right: true, cell: ({ count }) => String(count) },
        { title: 'LONGEST', right: true, cell: ({ longestMs }) => duration(longestMs) },
        { title: 'WHO', shrinksTo: 16, cell: ({ label }) => label },
        { title: 'POOL', shrinksTo: 6, cell: ({ pool }) => pool },
      ],
      groups.slice(0, most),
      style,
    ),
    ...more(groups.length - most, 'labels', style),
  ]
}

function groupsOf(pools: readonly PoolView[]): Group[] {
  const groups = new Map<string, Group>()
  for (const { pool } of pools) {
    for (const waiter of pool.waiters) {
      const label = nameOf(waiter)
      const key = JSON.stringify([pool.stats.name, label])
      const { count = 0, longestMs = 0 } = groups.get(key) ?? {}
      groups.set(key, {
        pool: pool.stats.name,
        label,
        count: count + 1,
        longestMs: Math.max(longestMs, waiter.waitedMs),
      })
    }
  }
  return [...groups.values()].sort((a, b) => b.longestMs - a.longestMs)
}
