// node scripts/check-layers.js
//
// What the import rules of .oxlintrc.json cannot say about packages/core/src: every file has a level there,
// only connector/mysql2/ loads the driver (others may import its types), and only connector/mysql2/wire.ts
// reads what the driver does not declare.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { report } from './lib/report.js'

const SRC = 'packages/core/src/'
const DRIVER = `${SRC}connector/mysql2/`
const WIRE = `${DRIVER}wire.ts`
const SURFACE = `${SRC}index.ts`

const LOADS_DRIVER = /^(?:import|export) (?!type )[^']*'mysql2(?:\/|')/
const READS_PRIVATE_PARTS = / as unknown as \{/

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const levels = JSON.parse(readFileSync('.oxlintrc.json', 'utf8'))
  .overrides.filter(({ rules }) => 'no-restricted-imports' in rules)
  .flatMap(({ files }) => files.map(toRegExp))

const problems = []
for (const file of sourceFiles()) {
  if (file !== SURFACE && !levels.some((level) => level.test(file))) {
    problems.push(`${file}: has no level; give it one in .oxlintrc.json`)
  }
  readFileSync(file, 'utf8')
    .split('\n')
    .forEach((line, index) => {
      const at = `${file}:${index + 1}`
      if (!file.startsWith(DRIVER) && LOADS_DRIVER.test(line)) {
        problems.push(`${at}: only connector/mysql2/ loads the driver; import type`)
      }
      if (file.startsWith(DRIVER) && file !== WIRE && READS_PRIVATE_PARTS.test(line)) {
        problems.push(`${at}: only wire.ts reads what mysql2 does not declare`)
      }
    })
}
report('layers', problems)

function sourceFiles() {
  return readdirSync(SRC, { recursive: true })
    .map((name) => SRC + name)
    .filter((name) => name.endsWith('.ts'))
}

/** Of the globs in .oxlintrc.json: `**`, `*` and `{a,b}`. */
function toRegExp(glob) {
  const source = glob
    .replaceAll('.', '\\.')
    .replaceAll(/\{(.*?)\}/g, (_all, names) => `(?:${names.replaceAll(',', '|')})`)
    .replaceAll(/\*+/g, (stars) => (stars === '*' ? '[^/]*' : '.*'))
  return new RegExp(`^${source}$`)
}
