// node scripts/lint.js
//
// Runs every check that needs no server, one after the other, and tells what each of them found.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const CHECKS = [
  ['types', 'tsc', '-b'],
  ['format', 'oxfmt', '--check'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['unused', 'knip', '--treat-config-hints-as-errors'],
  ['layers', 'node', 'scripts/check-layers.js'],
  ['docs', 'node', 'scripts/check-docs.js'],
]

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
process.env.PATH = `node_modules/.bin:${process.env.PATH}`

let failed = 0
for (const [name, command, ...args] of CHECKS) {
  const start = performance.now()
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  if (status !== 0) {
    failed++
    console.log(`\n${error?.message ?? stdout + stderr}`)
  }
  console.log(`${status === 0 ? 'ok' : 'FAILED'} ${name} (${seconds} s)`)
}
console.log(`${CHECKS.length - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
