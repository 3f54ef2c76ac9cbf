import { readFileSync } from 'node:fs'

import { createPool, report } from '@lifeguard/core'
import { reportJsonSchema, reportSchema } from '@lifeguard/core/inspect'
import t from 'tap'

void t.test('a report as JSON is what its schema says', async (t) => {
  const pool = createPool({ name: 'shop', host: '127.0.0.1', port: 1, min: 0 })
  t.teardown(() => pool.end())
  void pool.acquire({ label: 'GET /cart', timeout: 50 }).catch(() => {})
  const now = report()
  t.match(now.pools, [{ waiters: [{ label: 'GET /cart' }] }])
  t.same(
    reportSchema.parse(JSON.parse(JSON.stringify(now))),
    JSON.parse(JSON.stringify(now), revive),
  )
})

void t.test('the schema in the documentation is that of the code', async (t) => {
  // After a change: node scripts/write-report-schema.js
  const file = new URL('../../../../../docs/reference/report.schema.json', import.meta.url)
  t.same(JSON.parse(readFileSync(file, 'utf8')), reportJsonSchema())
})

/** The bound that JSON cannot write. */
function revive(key: string, value: unknown): unknown {
  return key === 'leMs' && value === null ? Infinity : value
}
