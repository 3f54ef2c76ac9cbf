import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { createPool } from '@lifeguard/core'
import { releaseDbConnection } from '@lifeguard/express'
import { sharedDatabase } from '@lifeguard/test-kit'
import express5 from 'express'
import express4 from 'express4'
import t from 'tap'

for (const [name, express] of Object.entries({ express5, express4 })) {
  void t.test(`who gets no connection in time is told to come back later (${name})`, async (t) => {
    const database = await sharedDatabase()
    const pool = createPool({ uri: database.uri('mysql'), max: 1, acquireTimeout: 50 })
    const app = express()
    app.set('env', 'test')
    app.use(releaseDbConnection(pool))
    app.get('/', (req, res, next) => {
      req.db.query('SELECT 1').then(([rows]) => res.json(rows), next)
    })
    const server = await new Promise<Server>((resolve) => {
      const listening: Server = app.listen(0, () => resolve(listening))
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    t.teardown(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await pool.end()
    })
    // The first one connects, which may take longer than the others are to wait.
    const lease = await pool.acquire({ timeout: 10_000 })
    const refused = await fetch(url)
    t.equal(refused.status, 503)
    t.equal(refused.headers.get('retry-after'), '1')
    await lease.release()
    t.equal((await fetch(url)).status, 200)
  })
}
