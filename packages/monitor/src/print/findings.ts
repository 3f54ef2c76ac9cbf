import type { Finding } from '../health/finding.ts'
import { plain, wrap } from '../text/plain.ts'
import { paintHealth, type Style } from '../text/style.ts'

/** What is wrong, and what to do about it. */
export function printFindings(findings: readonly Finding[], style: Style): string[] {
  return findings.flatMap((finding) => printFinding(finding, style))
}

function printFinding(finding: Finding, style: Style): string[] {
  const { paint, glyphs, width } = style
  const { severity, message, advice } = finding
  const [first, ...more] = wrap(plain(subject(finding) + message), width - 2)
  const hints = wrap(advice, width - 4 - glyphs.advice.length + 1)
  return [
    `${paintHealth(style, severity, `${glyphs[severity]} `)}${paint.bold(first)}`,
    ...more.map((line) => `  ${paint.bold(line)}`),
    ...hints.map((line, i) => {
      const lead = i === 0 ? glyphs.advice : ' '.repeat(glyphs.advice.length)
      return paint.dim(`  ${lead} ${line}`)
    }),
  ]
}

function subject({ pool, pid }: Finding): string {
  if (pool === undefined) return ''
  return pid === undefined ? `${pool}: ` : `${pool} (${pid}): `
}
