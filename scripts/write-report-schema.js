// node scripts/write-report-schema.js
//
// Writes docs/reference/report.schema.json, which a test compares with the code.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { reportJsonSchema } from '../packages/core/dist/inspect/index.js'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const path = 'docs/reference/report.schema.json'
writeFileSync(path, JSON.stringify(reportJsonSchema(), null, 2))
execFileSync('npx', ['oxfmt', path], { stdio: 'inherit' })
