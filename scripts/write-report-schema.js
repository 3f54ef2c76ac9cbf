// node scripts/write-report-schema.js
//
// Writes docs/reference/report.schema.json, which a test compares with the code.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { reportJsonSchema } from '../packages/core/dist/inspect/index.js'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
writeFileSync(
  'docs/reference/report.schema.json',
  `${JSON.stringify(reportJsonSchema(), null, 2)}\n`,
)
