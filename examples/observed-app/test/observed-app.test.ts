import { type ProcessReport } from '@lifeguard/core'
import { buildApp } from '@lifeguard/example-observed-app'
import { createDatabase, get, sharedDatabase, waitFor } from '@lifeguard/test-kit'
import t from 'tap'

void t.test('what the shop does is seen in its metrics and its report', async (t) => {
  const database = await createDatabase(await sharedDatabase())
  const app = await buildApp({ databaseUrl: database.uri })
  const url = await app.listen({ port: 0 })
  t.teardown(async () => {
    await app.close()
    await database.drop()
  })
  t.equal((await get(`${url}/products/1`)).status, 200)
  t.equal((await app.inject({ method: 'POST', url: '/orders/1' })).statusCode, 201)
  const { body } = await get(`${url}/metrics`)
  t.match(body, /^db_client_connection_count\{.*state="idle".*\} [1-9]/m)
  t.match(body, /^lifeguard_lease_acquired_total\{.*\} [1-9]/m)

  const leaver = new AbortController()
  fetch(`${url}/faults/stuck-transaction`, { signal: leaver.signal }).catch(() => {})
  const report = async (): Promise<ProcessReport> =>
    JSON.parse((await get(`${url}/lifeguard`)).body) as ProcessReport
  await waitFor(async () => (await report()).pools[0]!.leases[0]?.state === 'transaction')
  t.match((await report()).pools[0]!.leases, [
    {
      label: 'GET /faults/stuck-transaction',
      statement: 'UPDATE product SET name = ? WHERE id = ?',
    },
  ])
  leaver.abort()
  await waitFor(async () => (await report()).pools[0]!.leases.length === 0)
})
