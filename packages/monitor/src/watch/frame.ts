import type { Finding, Thresholds } from '../health/finding.ts'
import { printFindings } from '../print/findings.ts'
import { holderColumns } from '../print/holders-table.ts'
import { poolColumns } from '../print/pools-table.ts'
import { printServer, serverLine } from '../print/server-lines.ts'
import { badHolders, headline } from '../print/view-text.ts'
import { sparkline } from '../text/bar.ts'
import { clip, widthOf } from '../text/plain.ts'
import type { Style } from '../text/style.ts'
import { type Column, table } from '../text/table.ts'
import { type Holder, holdersOf, type PoolView, type View } from '../view/view.ts'
import { helpPage } from './help-page.ts'
import type { History } from './history.ts'
import { holderPage } from './holder-page.ts'
import { poolPage } from './pool-page.ts'
import { selectedHolder, selectedPool, sortedHolders, type Ui } from './ui.ts'

export interface Scene {
  readonly view: View
  readonly findings: readonly Finding[]
  readonly history: History
  readonly thresholds: Thresholds
  readonly ui: Ui
}

const SPARK_WIDTH = 16
/** Of what the head and the pools leave, the findings may take so much where the holders need the rest. */
const FINDINGS_SHARE = 0.7

/** The whole screen: exactly `height` lines, none wider than the style's width. */
export function frame(scene: Scene, height: number, style: Style): string[] {
  const top = [...head(scene, style), '']
  const room = Math.max(0, height - top.length - 1)
  const body = page(scene, room, style).slice(0, room)
  const empty = Array.from({ length: room - body.length }, () => '')
  const lines = [...top, ...body, ...empty, foot(scene, style)]
  return lines.slice(0, height).map((line) => clip(line, style.width))
}

function page(scene: Scene, room: number, style: Style): string[] {
  const { ui, view } = scene
  if (ui.page === 'help') return helpPage(style)
  // Of that one and no other: a detail that changes its subject would be misread.
  if (ui.page === 'pool') {
    const pool = view.pools.find(({ key }) => key === ui.pool)
    return poolPage(pool, pool ? scene.history.of(pool) : [], style)
  }
  if (ui.page === 'holder') {
    const holder = holdersOf(view).find(({ key }) => key === ui.holder)
    return holderPage(holder, view, scene.findings, style)
  }
  if (ui.page === 'server' && view.server) {
    return printServer(view, scene.thresholds.slow, style)
  }
  return overview(scene, room, style)
}

function overview(scene: Scene, room: number, style: Style): string[] {
  const { view, findings, ui } = scene
  const pools = window(
    poolLines(scene, style),
    indexOf(view.pools, selectedPool(ui, view)),
    Math.floor(room / 3),
  )
  const holders = sortedHolders(ui, view)
  const all = holderLines(scene, holders, style)
  const told = printFindings(findings, style)
  const left = room - pools.length - 2
  const toFindings = Math.min(
    told.length,
    Math.max(Math.floor(left * FINDINGS_SHARE), left - all.length),
  )
  const shown = window(all, indexOf(holders, selectedHolder(ui, view)), left - toFindings)
  return [...pools, '', ...shown, '', ...shorten(told, toFindings, style)]
}

function poolLines({ view, history, ui }: Scene, style: Style): string[] {
  const spark: Column<PoolView> = {
    title: 'IN USE, LATELY',
    optional: 5,
    cell: (pool) => {
      const values = history.of(pool).map(({ inUse }) => inUse)
      return sparkline(values, SPARK_WIDTH, style.glyphs, pool.pool.stats.effectiveMax)
    },
    paint: style.paint.cyan,
  }
  const selected = ui.focus === 'pools' ? selectedPool(ui, view) : undefined
  return withCursor(
    [...poolColumns((pool) => history.lately(pool), style), spark],
    view.pools,
    selected,
    style,
  )
}

function holderLines(
  { view, findings, ui }: Scene,
  holders: readonly Holder[],
  style: Style,
): string[] {
  if (holders.length === 0) return [style.paint.dim('Nobody holds a connection.')]
  const selected = ui.focus === 'holders' ? selectedHolder(ui, view) : undefined
  return withCursor(holderColumns(badHolders(findings), style), holders, selected, style)
}

function withCursor<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  selected: Row | undefined,
  style: Style,
): string[] {
  const cursor: Column<Row> = {
    title: '',
    cell: (row) => (row === selected ? style.glyphs.cursor : ' '),
    paint: style.paint.cyan,
  }
  return table([cursor, ...columns], rows, style)
}

function indexOf<T>(list: readonly T[], one: T | undefined): number {
  return one === undefined ? 0 : list.indexOf(one)
}

/** The head of a table, and as many of its rows as there is room for, the selected one among them. */
function window(lines: readonly string[], selected: number, room: number): string[] {
  if (lines.length <= room) return [...lines]
  const rows = Math.max(0, room - 1)
  const first = Math.max(0, Math.min(selected - Math.floor(rows / 2), lines.length - 1 - rows))
  return [lines[0]!, ...lines.slice(1 + first, 1 + first + rows)].slice(0, Math.max(0, room))
}

function shorten(lines: readonly string[], room: number, { paint }: Style): string[] {
  if (lines.length <= room) return [...lines]
  const shown = lines.slice(0, Math.max(0, room - 1))
  return [...shown, paint.dim('… more than fits here')].slice(0, Math.max(0, room))
}

function head({ view, findings, ui }: Scene, style: Style): string[] {
  const time = new Date(view.takenAt).toTimeString().slice(0, 8)
  const right = ui.paused ? `paused ${time}` : time
  const left = headline(view, findings, style)
  const gap = style.width - widthOf(left) - widthOf(right)
  const line = gap > 0 ? left + ' '.repeat(gap) + style.paint.dim(right) : left
  const { server } = view
  return server && ui.page === 'overview' ? [line, serverLine(server, style)] : [line]
}

function foot({ ui, view }: Scene, style: Style): string {
  const keys = keysOf(ui, view).join('  ')
  return style.paint.dim(style.ascii ? keys.replace('↑↓', 'j/k') : keys)
}

function keysOf(ui: Ui, { server }: View): string[] {
  const always = ['p pause', '? help']
  if (ui.page === 'server' || ui.page === 'help') return ['q quit', 'esc back', ...always]
  if (ui.page !== 'overview') return ['q quit', 'esc back', '↑↓ next', ...always]
  const list = ui.focus === 'holders' ? ['tab pools', `s sort: ${ui.sort}`] : ['tab holders']
  const more = server ? ['d server'] : []
  return ['q quit', '↑↓ move', 'enter open', ...list, ...more, ...always]
}
