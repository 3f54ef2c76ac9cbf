//   DATABASE_URL=mysql://user:password@localhost/shop node dist/server.js

import type { AddressInfo } from 'node:net'

import { createPool } from '@lifeguard/core'

import { buildApp, createTables } from './app.ts'

const pool = createPool({
  uri: process.env['DATABASE_URL'] ?? 'mysql://root@127.0.0.1/shop',
  max: 20,
})
await createTables(pool)

const server = buildApp(pool).listen(Number(process.env['PORT'] ?? 3000), () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    // Requests under way finish; what takes longer than ten seconds is cut off and rolled back.
    server.close()
    server.closeIdleConnections()
    void pool.end({ deadline: 10_000 }).then(() => server.closeAllConnections())
  })
}
