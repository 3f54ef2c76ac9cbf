import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Scope } from '@lifeguard/core'
import { sharedDatabase, threadsConnected, waitFor } from '@lifeguard/test-kit'

import { onEachExpress } from '../support/bank-app.ts'

onEachExpress('a forced close cuts requests off', async (t, { app, bank, pool }) => {
  let db!: Scope
  app.get('/', (req, _res, next) => {
    db = req.db
    req.db
      .query('START TRANSACTION')
      .then(() => req.db.query('UPDATE account SET balance = 0 WHERE id = 1'))
      .then(() => req.db.query('SELECT SLEEP(30)'))
      .catch(next)
  })
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const asking = new Promise((resolve) => {
    request({ port, host: '127.0.0.1' }).on('error', resolve).end()
  })
  await waitFor(() => pool.stats().inUse === 1)
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  t.match(await asking, { code: 'ECONNRESET' })
  t.same(await pool.end(), { cut: [] })
  await t.rejects(db.query('SELECT 1'), { code: 'ERR_SCOPE_ENDED' })
  t.match(pool.stats(), { acquired: 1, released: 1, total: 0 })
  t.equal(await bank.balance(1), 100)
  const shared = await sharedDatabase()
  await waitFor(async () => (await threadsConnected(shared, bank.name)) === 0)
})
