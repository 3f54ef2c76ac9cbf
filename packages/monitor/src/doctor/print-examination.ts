import { printAdvice } from '../print/findings.ts'
import type { ServerView } from '../server/server-view.ts'
import { plain, wrap } from '../text/plain.ts'
import { paintTone, type Style } from '../text/style.ts'
import { connectionsOf, CONTROL } from './demand.ts'
import type { Examination } from './examine.ts'

/** In plain words, with the arithmetic. */
export function printExamination(
  examination: Examination,
  server: ServerView,
  basis: string,
  style: Style,
): string[] {
  const { complaints } = examination
  return [
    style.paint.bold(`${server.target}  ${server.version}`),
    ...wrap(basis, style.width),
    '',
    ...arithmetic(examination, style),
    '',
    ...(complaints.length === 0
      ? [paintTone(style, 'well', `${style.glyphs.well} It fits, also when every pool is full.`)]
      : complaints.flatMap((complaint) => printAdvice(complaint, style))),
  ]
}

function arithmetic(examination: Examination, { paint }: Style): string[] {
  const { demands, needed, allowed, allowedBy, others, spare, left, fits } = examination
  const sums = demands.map(
    (demand) =>
      [
        connectionsOf(demand),
        `${plain(demand.pool)}: ${demand.processes} × (max ${demand.max} + ${CONTROL} to end statements with)`,
      ] as const,
  )
  const have: (readonly [number, string])[] = [[allowed, allowedBy]]
  if (others > 0) have.push([-others, 'taken by others now'])
  if (spare > 0) have.push([-spare, 'kept free for deploys, migrations and you'])
  const result = fits ? paint.green : paint.red
  return [
    'What the pools may open:',
    ...sums.map(([n, what]) => line(n, what)),
    result(line(needed, 'together')),
    'What they may have:',
    ...have.map(([n, what]) => line(n, what)),
    result(line(left, 'left for them')),
  ]
}

function line(n: number, what: string): string {
  return `${String(n).padStart(8)}  ${what}`
}
