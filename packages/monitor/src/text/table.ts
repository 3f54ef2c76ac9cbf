import { fit, plain, widthOf } from './plain.ts'
import type { Style } from './style.ts'

export interface Column<Row> {
  readonly title: string
  readonly right?: boolean
  /** Gives up columns where the screen is narrow, down to this width. */
  readonly shrinksTo?: number
  /** Left out where the screen is too narrow all the same; higher goes first. */
  readonly optional?: number
  cell(row: Row): string
  /** Colours what `cell` has said, after it was cut and padded. */
  paint?(text: string, row: Row): string
}

const GAP = '  '

/** A head and one line for each row, no wider than the style's width. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  style: Style,
): string[] {
  const laidOut = layOut(columns, rows, style.width)
  const head = laidOut.map(({ column, width }) => fit(column.title, width, column.right))
  const body = rows.map((row) =>
    laidOut.map(({ column, cells, width }) => {
      const text = fit(cells.get(row)!, width, column.right)
      return column.paint ? column.paint(text, row) : text
    }),
  )
  return [
    style.paint.dim(head.join(GAP).trimEnd()),
    ...body.map((cells) => cells.join(GAP).trimEnd()),
  ]
}

interface LaidOut<Row> {
  readonly column: Column<Row>
  readonly cells: ReadonlyMap<Row, string>
  width: number
}

function layOut<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): LaidOut<Row>[] {
  let laidOut = columns.map((column): LaidOut<Row> => {
    const cells = new Map(rows.map((row) => [row, plain(column.cell(row))]))
    const widest = Math.max(
      widthOf(column.title),
      ...Array.from(cells.values(), (cell) => widthOf(cell)),
    )
    return { column, cells, width: widest }
  })
  while (readable(laidOut) > width) {
    const [first] = laidOut
      .filter(({ column }) => column.optional !== undefined)
      .sort((a, b) => b.column.optional! - a.column.optional!)
    if (!first) break
    laidOut = laidOut.filter((one) => one !== first)
  }
  shrink(laidOut, total(laidOut) - width)
  return laidOut
}

/** The widest column that may gives way first. */
function shrink<Row>(laidOut: readonly LaidOut<Row>[], excess: number): void {
  for (let left = excess; left > 0; left--) {
    const [widest] = laidOut
      .filter(({ column, width }) => width > (column.shrinksTo ?? Infinity))
      .sort((a, b) => b.width - a.width)
    if (!widest) return
    widest.width--
  }
}

function total<Row>(laidOut: readonly LaidOut<Row>[]): number {
  return laidOut.reduce((sum, { width }) => sum + width, (laidOut.length - 1) * GAP.length)
}

/** With no column cut to less than twice what it may be cut to. */
function readable<Row>(laidOut: readonly LaidOut<Row>[]): number {
  const gaps = (laidOut.length - 1) * GAP.length
  return laidOut.reduce(
    (sum, { column, width }) => sum + Math.min(width, 2 * (column.shrinksTo ?? width)),
    gaps,
  )
}
