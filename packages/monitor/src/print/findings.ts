import type { Finding } from '../health/finding.ts'
import { plain, wrap } from '../text/plain.ts'
import { paintTone, type Style } from '../text/style.ts'

/** What is wrong, and what to do about it. */
export function printFindings(findings: readonly Finding[], style: Style): string[] {
  return findings.flatMap((finding) =>
    printAdvice({ ...finding, message: subject(finding) + finding.message }, style),
  )
}

/** A message behind the sign of its severity, and the advice below. */
export function printAdvice(
  { severity, message, advice }: Pick<Finding, 'severity' | 'message' | 'advice'>,
  style: Style,
): string[] {
  const { paint, glyphs, width } = style
  const [first, ...more] = wrap(plain(message), width - 2)
  const indent = glyphs.advice.length + 3
  const hints = wrap(plain(advice), width - indent)
  return [
    `${paintTone(style, severity, glyphs[severity])} ${paint.bold(first)}`,
    ...more.map((line) => `  ${paint.bold(line)}`),
    ...hints.map((line, i) => {
      const lead = i === 0 ? `  ${glyphs.advice} ` : ' '.repeat(indent)
      return paint.dim(lead + line)
    }),
  ]
}

function subject({ pool, pid, host }: Finding): string {
  if (pool === undefined) return ''
  return `${pool} (${pid}${host === undefined ? '' : ` on ${host}`}): `
}
