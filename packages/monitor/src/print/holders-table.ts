import type { LeaseState } from '@lifeguard/core'

import { duration } from '../text/duration.ts'
import type { Style } from '../text/style.ts'
import { type Column, table } from '../text/table.ts'
import { type Holder, nameOf } from '../view/view.ts'

export function holdersTable(
  holders: readonly Holder[],
  isBad: (holder: Holder) => boolean,
  style: Style,
): string[] {
  return table(holderColumns(isBad, style), holders, style)
}

export function holderColumns(
  isBad: (holder: Holder) => boolean,
  { paint }: Style,
): Column<Holder>[] {
  const bad = (text: string, holder: Holder): string => (isBad(holder) ? paint.yellow(text) : text)
  return [
    { title: 'HELD', right: true, cell: ({ lease }) => duration(lease.heldMs), paint: bad },
    { title: 'OWNER', shrinksTo: 16, cell: ({ lease }) => nameOf(lease), paint: bad },
    { title: 'DOES', cell: stateOf, paint: bad },
    { title: 'POOL', shrinksTo: 6, optional: 2, cell: ({ pool }) => pool.pool.stats.name },
    { title: 'THREAD', right: true, optional: 1, cell: ({ lease }) => String(lease.threadId) },
    {
      title: 'STATEMENT',
      shrinksTo: 16,
      cell: ({ lease }) => lease.statement ?? '',
      paint: paint.dim,
    },
  ]
}

/** `runs 4.2 s`, `in transaction 14 s`, `unused 3.0 s`. */
export function stateOf({ lease }: Holder): string {
  return `${STATES[lease.state]} ${duration(lease.stateMs)}`
}

const STATES: Readonly<Record<LeaseState, string>> = {
  running: 'runs',
  transaction: 'in transaction',
  idle: 'unused',
}
