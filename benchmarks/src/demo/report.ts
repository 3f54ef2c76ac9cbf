import type { LevelResult } from './level.ts'
import type { Paint, Style } from './paint.ts'

export interface Verdict {
  readonly promise: string
  readonly kept: boolean
  readonly found: string
  readonly before: string
}

interface Row {
  readonly title: string
  readonly cell: (result: LevelResult) => string
  /** What a reader should notice. */
  readonly bad?: (result: LevelResult) => boolean
}

const LABEL = 26
const CELL = 8
const GAP = '  '

const ROWS: readonly (Row | 'line')[] = [
  { title: 'Requests', cell: (r) => count(r.sent) },
  { title: '  answered well', cell: (r) => count(r.ok) },
  { title: '  injected faults', cell: (r) => count(r.errors.injected) },
  errorRow('  "Too many connections"', (r) => r.errors.tooMany),
  errorRow('  never answered', (r) => r.errors.timeout),
  errorRow('  other errors', (r) => r.errors.other),
  { title: 'p50 of those answered well', cell: (r) => duration(r, r.p50) },
  { title: 'p99', cell: (r) => duration(r, r.p99) },
  { title: 'Clients that hung up', cell: (r) => count(r.hangUps) },
  'line',
  { title: 'Jobs done', cell: (r) => count(r.jobs.done) },
  { title: '  injected faults', cell: (r) => count(r.jobs.failed.injected) },
  errorRow('  failed otherwise', failedJobs),
  'line',
  { title: 'Peak connections', cell: (r) => count(r.peakConnections) },
  { title: 'Connections opened', cell: (r) => count(r.openedConnections) },
  { title: 'Reused', cell: (r) => percent(r.reuseRate), bad: (r) => r.reuseRate < MIN_REUSE },
  errorRow('Transactions left open', (r) => r.openTransactions),
  errorRow('Rows that do not add up', violations),
  { title: 'App memory, peak', cell: (r) => `${Math.round(r.peakMemoryMb)} MB` },
]

const MIN_REUSE = 0.99
/** Beside its `max`, a pool may open one connection to end statements on, and be closing another. */
const BESIDES_MAX = 2

/** Before and after, side by side for each number of clients. Wide as 98 characters. */
export function renderTable(results: readonly LevelResult[], paint: Paint): string {
  const levels = [...new Set(results.map((result) => result.clients))]
  const columns = levels.map((clients) => results.filter((result) => result.clients === clients))
  const rule = paint('dim', '─'.repeat(LABEL + columns.length * (2 * CELL + GAP.length)))
  const line = (title: string, cells: (column: LevelResult[]) => string): string =>
    title.padEnd(LABEL) + columns.map((column) => GAP + cells(column)).join('')
  return [
    line('', ([first]) => paint('bold', `${count(first!.clients)} clients`.padStart(2 * CELL))),
    line('', (column) => column.map(({ mode }) => paint('dim', mode.padStart(CELL))).join('')),
    rule,
    ...ROWS.map((row) =>
      row === 'line'
        ? rule
        : line(row.title, (column) => column.map((result) => cell(row, result, paint)).join('')),
    ),
    rule,
  ].join('\n')
}

/** What Lifeguard promises, held against its worst run; and how the runs before did. */
export function judge(results: readonly LevelResult[], max: number): Verdict[] {
  const [before, after] = (['before', 'after'] as const).map((mode) =>
    total(results.filter((result) => result.mode === mode)),
  ) as [Total, Total]
  const verdict = (
    promise: string,
    kept: (total: Total) => boolean,
    show: (total: Total) => string,
  ): Verdict => ({ promise, kept: kept(after), found: show(after), before: show(before) })
  return [
    verdict(
      '0 errors other than the injected ones',
      ({ errors }) => errors === 0,
      ({ errors }) => count(errors),
    ),
    verdict(
      `At most ${max} + ${BESIDES_MAX} connections`,
      ({ peak }) => peak <= max + BESIDES_MAX,
      ({ peak }) => count(peak),
    ),
    verdict(
      'At least 99 % of uses find a connection there',
      ({ reuse }) => reuse >= MIN_REUSE,
      ({ reuse }) => percent(reuse),
    ),
    verdict(
      '0 rows that do not add up',
      ({ wrong }) => wrong === 0,
      ({ wrong }) => count(wrong),
    ),
    verdict(
      '0 transactions left open',
      ({ open }) => open === 0,
      ({ open }) => count(open),
    ),
  ]
}

interface Total {
  readonly errors: number
  readonly peak: number
  readonly reuse: number
  readonly wrong: number
  readonly open: number
}

/** Sums, and the worst where a sum says nothing. */
function total(results: readonly LevelResult[]): Total {
  const sum = (of: (result: LevelResult) => number): number =>
    results.reduce((soFar, result) => soFar + of(result), 0)
  return {
    errors: sum(errorsNotInjected),
    peak: Math.max(...results.map((result) => result.peakConnections)),
    reuse: Math.min(...results.map((result) => result.reuseRate)),
    wrong: sum(violations),
    open: sum((result) => result.openTransactions),
  }
}

export function renderVerdicts(verdicts: readonly Verdict[], paint: Paint): string {
  const [promises, found, before] = [48, CELL, CELL + 2]
  const head = `  ${'What Lifeguard promises'.padEnd(promises)}${'found'.padStart(found)}${'before'.padStart(before)}`
  const lines = verdicts.map((verdict) => {
    const style = verdict.kept ? 'green' : 'red'
    const mark = paint(style, verdict.kept ? '✓' : '✗')
    const value = paint(style, verdict.found.padStart(found))
    return `${mark} ${verdict.promise.padEnd(promises)}${value}${paint('dim', verdict.before.padStart(before))}`
  })
  return [paint('bold', head), ...lines].join('\n')
}

/** What stands behind "other errors" and "rows that do not add up", for who must find out. */
export function renderDetails(results: readonly LevelResult[]): string[] {
  return results.flatMap(({ mode, clients, others, jobs, violations: rows }) => {
    const where = `${mode}, ${count(clients)} clients`
    return [
      ...Object.entries(others).map(([name, n]) => `${where}: ${count(n)} × ${name}`),
      ...Object.entries(jobs.others).map(([name, n]) => `${where}: ${count(n)} jobs: ${name}`),
      ...Object.entries(rows).map(([what, n]) => `${where}: ${count(n)} ${what}`),
    ]
  })
}

export function errorsNotInjected(result: LevelResult): number {
  const { tooMany, timeout, other } = result.errors
  return tooMany + timeout + other + failedJobs(result)
}

export function count(n: number): string {
  return Math.round(n).toLocaleString('en-US')
}

function errorRow(title: string, of: (result: LevelResult) => number): Row {
  return { title, cell: (result) => count(of(result)), bad: (result) => of(result) > 0 }
}

function cell(row: Row, result: LevelResult, paint: Paint): string {
  const text = row.cell(result).padStart(CELL)
  const style = styleOf(row, result)
  return style ? paint(style, text) : text
}

function styleOf({ bad }: Row, result: LevelResult): Style | undefined {
  if (!bad) return undefined
  if (bad(result)) return 'red'
  return result.mode === 'after' ? 'green' : undefined
}

function failedJobs({ jobs }: LevelResult): number {
  const { tooMany, timeout, other } = jobs.failed
  return tooMany + timeout + other + jobs.unfinished
}

function violations(result: LevelResult): number {
  return Object.values(result.violations).reduce((total, n) => total + n, 0)
}

function duration({ ok }: LevelResult, ms: number): string {
  if (ok === 0) return '–'
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** Never rounds up to a promise. */
function percent(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`
}
