/** A screen of xterm as a picture: each run of cells that look alike is a text of its own, on its column. */

const CELL = { width: 8.4, height: 18 }
const PADDING = 14
const BACKGROUND = '#0d1117'
const FOREGROUND = '#e6edf3'
const DIM = '#9198a1'
const PALETTE = [
  '#484f58',
  '#ff7b72',
  '#3fb950',
  '#d29922',
  '#58a6ff',
  '#bc8cff',
  '#39c5cf',
  '#b1bac4',
]

export function terminalSvg(terminal, title) {
  const rows = textRows(terminal)
  const width = Math.ceil(terminal.cols * CELL.width + 2 * PADDING)
  const height = Math.ceil(rows.length * CELL.height + 2 * PADDING)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<style>text { font: 14px 'DejaVu Sans Mono', Menlo, Consolas, monospace; white-space: pre }</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    ...rows.flatMap((row, y) => runsOf(row).map((run) => drawRun(run, y))),
    '</svg>\n',
  ].join('\n')
}

/** Without the empty ones at the end. */
function textRows({ buffer: { active }, rows, cols }) {
  const all = Array.from({ length: rows }, (_, y) =>
    Array.from({ length: cols }, (_, x) => active.getLine(y).getCell(x)),
  )
  const last = all.findLastIndex((row) => row.some((cell) => cell.getChars().trim() !== ''))
  return all.slice(0, last + 1)
}

function runsOf(row) {
  const runs = []
  for (const [x, cell] of row.entries()) {
    const style = styleOf(cell)
    const chars = cell.getWidth() === 0 ? '' : cell.getChars() || ' '
    const run = runs.at(-1)
    if (run?.style === style) Object.assign(run, { text: run.text + chars, cells: run.cells + 1 })
    else runs.push({ x, cells: 1, text: chars, style })
  }
  return runs.filter(({ text }) => text.trim() !== '').map(withoutHome)
}

/** Where the project is on the machine that draws is nobody's affair. */
function withoutHome(run) {
  const text = run.text.replaceAll(process.cwd(), '/srv/shop')
  return { ...run, text, cells: run.cells + text.length - run.text.length }
}

function styleOf(cell) {
  const color = cell.isFgPalette()
    ? PALETTE[cell.getFgColor() % 8]
    : cell.isDim()
      ? DIM
      : FOREGROUND
  return `fill="${color}"${cell.isBold() ? ' font-weight="700"' : ''}`
}

function drawRun({ x, cells, text, style }, y) {
  const left = text.length - text.trimStart().length
  const shown = text.trim()
  const at = PADDING + (x + left) * CELL.width
  const width = (cells - left - (text.length - left - shown.length)) * CELL.width
  const base = PADDING + (y + 0.75) * CELL.height
  return `<text x="${round(at)}" y="${round(base)}" textLength="${round(width)}" ${style}>${escape(shown)}</text>`
}

function round(value) {
  return Math.round(value * 10) / 10
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
