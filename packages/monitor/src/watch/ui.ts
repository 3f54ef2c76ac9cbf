import {
  byTimeHeld,
  type Holder,
  holdersOf,
  nameOf,
  type PoolView,
  type View,
} from '../view/view.ts'

/** What the person at the screen has chosen. */
export interface Ui {
  readonly page: 'overview' | 'pool' | 'holder' | 'server' | 'help'
  /** In which list of the overview the cursor is. */
  readonly focus: 'pools' | 'holders'
  /** Keys of what the cursor is on; the first where that has gone. */
  readonly pool: string | undefined
  readonly holder: string | undefined
  readonly sort: Sort
  readonly paused: boolean
}

type Sort = (typeof SORTS)[number]

const SORTS = ['held', 'owner', 'state'] as const

export const START: Ui = {
  page: 'overview',
  focus: 'holders',
  pool: undefined,
  holder: undefined,
  sort: 'held',
  paused: false,
}

/** What a key does. `quit` ends the watch. */
export function press(ui: Ui, key: string, view: View): Ui | 'quit' {
  switch (key) {
    case 'q':
    case 'ctrl-c':
      return 'quit'
    case '?':
    case 'h':
      return toggle(ui, 'help')
    case 'd':
      return view.server ? toggle(ui, 'server') : ui
    case 'p':
    case 'space':
      return { ...ui, paused: !ui.paused }
    case 's':
      return { ...ui, sort: SORTS[(SORTS.indexOf(ui.sort) + 1) % SORTS.length]! }
    case 'escape':
    case 'left':
    case 'backspace':
      return { ...ui, page: 'overview' }
    case 'tab':
      if (ui.page !== 'overview') return ui
      return { ...ui, focus: ui.focus === 'pools' ? 'holders' : 'pools' }
    case 'return':
    case 'right':
      return open(ui, view)
    case 'up':
    case 'k':
      return move(ui, view, -1)
    case 'down':
    case 'j':
      return move(ui, view, 1)
    default:
      return ui
  }
}

function toggle(ui: Ui, page: 'help' | 'server'): Ui {
  return { ...ui, page: ui.page === page ? 'overview' : page }
}

export function selectedPool(ui: Ui, view: View): PoolView | undefined {
  return view.pools.find(({ key }) => key === ui.pool) ?? view.pools[0]
}

export function selectedHolder(ui: Ui, view: View): Holder | undefined {
  const holders = sortedHolders(ui, view)
  return holders.find(({ key }) => key === ui.holder) ?? holders[0]
}

export function sortedHolders({ sort }: Ui, view: View): Holder[] {
  return holdersOf(view).sort(COMPARE[sort])
}

const COMPARE: Readonly<Record<Sort, (a: Holder, b: Holder) => number>> = {
  held: byTimeHeld,
  owner: (a, b) => compare(nameOf(a.lease), nameOf(b.lease)) || byTimeHeld(a, b),
  state: (a, b) => compare(a.lease.state, b.lease.state) || b.lease.stateMs - a.lease.stateMs,
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function open(ui: Ui, view: View): Ui {
  if (ui.page !== 'overview') return ui
  if (ui.focus === 'pools') {
    return view.pools.length === 0 ? ui : { ...ui, page: 'pool', pool: selectedPool(ui, view)!.key }
  }
  const holder = selectedHolder(ui, view)
  // It is this one that is looked at, also when it is not the first any more.
  return holder ? { ...ui, page: 'holder', holder: holder.key } : ui
}

function move(ui: Ui, view: View, by: number): Ui {
  if (ui.focus === 'pools' || ui.page === 'pool') {
    return { ...ui, pool: neighbour(view.pools, selectedPool(ui, view)?.key, by) }
  }
  return { ...ui, holder: neighbour(sortedHolders(ui, view), selectedHolder(ui, view)?.key, by) }
}

function neighbour(
  list: readonly { readonly key: string }[],
  from: string | undefined,
  by: number,
): string | undefined {
  const at = list.findIndex(({ key }) => key === from) + by
  return list[Math.max(0, Math.min(list.length - 1, at))]?.key
}
