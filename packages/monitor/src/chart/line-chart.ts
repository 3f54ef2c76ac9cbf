import { scaleLinear } from 'd3-scale'
import { area, line } from 'd3-shape'

type Point = readonly [x: number, y: number]

interface Series {
  readonly name: string
  /** Seconds since the beginning, and the value. */
  readonly points: readonly Point[]
  /** Filled down to the axis. */
  readonly filled?: boolean
  /** Red, for what should not be. */
  readonly bad?: boolean
}

export interface Panel {
  readonly title: string
  readonly series: readonly Series[]
  /** A horizontal line, such as a maximum. */
  readonly limit?: { readonly name: string; readonly value: number } | undefined
  /** How a value is written at the axis. Default: as a number. */
  readonly format?: (value: number) => string
}

export interface Chart {
  readonly title: string
  readonly subtitle: string
  readonly panels: readonly Panel[]
  /** In pixels. Default: 900. */
  readonly width?: number
  /** The end of the axis of time. Default: that of the longest series. */
  readonly seconds?: number
}

const MARGIN = { left: 64, right: 20 } as const
const TITLE_LEFT = 20
const HEAD_HEIGHT = 64
const PANEL_HEIGHT = 190
const PANEL_HEAD = 34
const PANEL_FOOT = 26
const COLORS = ['#2f81f7', '#d29922', '#3fb950', '#a371f7'] as const
const BAD = '#f85149'
const STYLE = `
  .page { fill: #ffffff } .ink { fill: #1f2328 } .soft { fill: #656d76 }
  .grid { stroke: #d0d7de; stroke-width: 1 } .limit { stroke: #cf222e; stroke-dasharray: 5 4 }
  text { font: 12px system-ui, 'DejaVu Sans', sans-serif } .title { font-size: 17px; font-weight: 600 }
  .name { font-weight: 600 } .end { text-anchor: end } .middle { text-anchor: middle }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } .ink { fill: #e6edf3 } .soft { fill: #9198a1 } .grid { stroke: #30363d }
  }`

/** Panels one below the other that share the axis of time, as a picture that needs nothing else. */
export function lineChart({ title, subtitle, panels, width = 900, seconds }: Chart): string {
  const height = HEAD_HEIGHT + panels.length * PANEL_HEIGHT
  const last = seconds ?? Math.max(1, ...panels.flatMap(({ series }) => series.flatMap(lastSecond)))
  const drawn = panels.map((panel, i) => {
    const top = HEAD_HEIGHT + i * PANEL_HEIGHT
    return `<g transform="translate(0 ${top})">${drawPanel(panel, last, width)}</g>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(title)}</title><style>${STYLE}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    text(TITLE_LEFT, 30, 'ink title', title),
    text(TITLE_LEFT, 50, 'soft', subtitle),
    ...drawn,
    '</svg>\n',
  ].join('\n')
}

function lastSecond({ points }: Series): number[] {
  return points.slice(-1).map(([x]) => x)
}

function drawPanel(panel: Panel, last: number, width: number): string {
  const { series, limit, format = String } = panel
  const bottom = PANEL_HEIGHT - PANEL_FOOT
  const values = series.flatMap(({ points }) => points.map(([, y]) => y))
  const x = scaleLinear([0, last], [MARGIN.left, width - MARGIN.right])
  const highest = Math.max(0, ...values, limit?.value ?? 0) || 1
  const y = scaleLinear([0, highest], [bottom, PANEL_HEAD]).nice(4)
  const right = width - MARGIN.right
  return [
    text(TITLE_LEFT, 16, 'ink name', panel.title),
    legend(series, right),
    ...y.ticks(4).map((value) => {
      const at = y(value)
      return `<line class="grid" x1="${MARGIN.left}" x2="${right}" y1="${at}" y2="${at}"/>${text(MARGIN.left - 8, at + 4, 'soft end', format(value))}`
    }),
    ...x.ticks(8).map((second) => text(x(second), PANEL_HEIGHT - 8, 'soft middle', `${second} s`)),
    ...series.map((one, i) => drawSeries(one, colorOf(one, i), x, y, bottom)),
    limit === undefined ? '' : drawLimit(limit, y(limit.value), right),
  ].join('')
}

type Scale = (value: number) => number

function drawSeries(
  { points, filled = false }: Series,
  color: string,
  x: Scale,
  y: Scale,
  bottom: number,
): string {
  const path = line<Point>(
    ([second]) => round(x(second)),
    ([, value]) => round(y(value)),
  )([...points])
  if (path === null) return ''
  const stroke = `<path d="${path}" fill="none" stroke="${color}" stroke-width="2" stroke-linejoin="round"/>`
  if (!filled) return stroke
  const below = area<Point>(
    ([second]) => round(x(second)),
    bottom,
    ([, value]) => round(y(value)),
  )([...points])
  return `<path d="${below}" fill="${color}" fill-opacity="0.15"/>${stroke}`
}

function drawLimit({ name }: { readonly name: string }, at: number, right: number): string {
  return `<line class="limit" x1="${MARGIN.left}" x2="${right}" y1="${at}" y2="${at}"/>${text(right - 4, at - 5, 'soft end', name)}`
}

/** From right to left. */
function legend(series: readonly Series[], right: number): string {
  let at = right
  const parts = series.map((one, i) => ({ name: one.name, color: colorOf(one, i) })).toReversed()
  const drawn = parts.map(({ name, color }) => {
    at -= name.length * 7 + 24
    return `<rect x="${at}" y="8" width="12" height="4" fill="${color}"/>${text(at + 17, 15, 'soft', name)}`
  })
  return drawn.join('')
}

function colorOf({ bad }: Series, i: number): string {
  return bad ? BAD : COLORS[i % COLORS.length]!
}

function text(x: number, y: number, classes: string, content: string): string {
  return `<text class="${classes}" x="${round(x)}" y="${round(y)}">${escape(content)}</text>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** What XML cannot hold at all is a blank. */
function escape(content: string): string {
  return content.replaceAll(/\p{Cc}/gu, ' ').replaceAll(/[&<>"]/g, (sign) => ENTITIES[sign]!)
}
