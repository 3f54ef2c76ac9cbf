import { existsSync, readFileSync } from 'node:fs'

/** The points that failed, each with the details that tap gives below it; the reporter may show none. */
export function readFailures(file) {
  const output = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const points = /^( *)not ok .*(?<! # TODO.*)(?:\n\1  ---\n[^]*?\n\1  \.\.\.)?/gm
  return output.match(points) ?? []
}

/** `N passed, N failed` from the totals that end tap's raw output. */
export function readCounts(file) {
  const output = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const totals = output.match(/^# \{ total: .*\}$/gm)?.at(-1)
  if (totals === undefined) return 'tap gave no totals'
  const count = (name) => Number(totals.match(new RegExp(`\\b${name}: (\\d+)`))?.[1] ?? 0)
  const skipped = count('skip') + count('todo')
  return `${count('pass')} passed, ${count('fail')} failed, ${skipped} skipped`
}
