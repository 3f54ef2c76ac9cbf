//   DATABASE_URL=mysql://user:password@localhost/shop node dist/server.js

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { createPool } from '@lifeguard/core'

import { buildBackOffice } from './back-office.ts'
import { buildOrderApi } from './order-api.ts'
import { createTables } from './schema.ts'

const pool = createPool({
  uri: process.env['DATABASE_URL'] ?? 'mysql://root@127.0.0.1/shop',
  max: 20,
})
await createTables(pool)

const orders = await buildOrderApi(pool)
const url = await orders.listen({ port: Number(process.env['PORT'] ?? 3000), host: '127.0.0.1' })
const backOffice = createServer(buildBackOffice(pool))
await new Promise<void>((resolve) => {
  backOffice.listen(Number(process.env['BACK_OFFICE_PORT'] ?? 3001), '127.0.0.1', resolve)
})
const { port } = backOffice.address() as AddressInfo
console.log(JSON.stringify({ orders: url, backOffice: `http://127.0.0.1:${port}` }))

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void stop())
}

/** No new requests; those under way finish within ten seconds, or are rolled back; then the connections go. */
async function stop(): Promise<void> {
  backOffice.close()
  backOffice.closeIdleConnections()
  const closing = orders.close()
  await pool.end({ deadline: 10_000 })
  backOffice.closeAllConnections()
  orders.server.closeAllConnections()
  await closing
}
