import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Pool } from '@lifeguard/core'
import { releaseDbConnection } from '@lifeguard/express'
import { get, hangUp, WorkBoard } from '@lifeguard/test-kit'
import type { ContractHarness, ContractWork } from '@lifeguard/test-kit/contract'
import type express from 'express'

/** The contract's app on one major of Express. */
export async function startExpress(
  framework: typeof express,
  pool: Pool,
): Promise<ContractHarness> {
  const app = framework()
  const board = new WorkBoard<ContractWork>()
  app.use(framework.json())
  app.use(releaseDbConnection(pool))
  // Express 4 ignores a rejected handler; both majors know `next`.
  app.get('/work/:id', (req, res, next) => {
    board
      .take(req.params.id)(req.db)
      .then(() => res.send('done'), next)
  })
  app.use(((_error, _req, res, _next) => {
    res.status(500).send('failed')
  }) as express.ErrorRequestHandler)
  const server = await new Promise<Server>((resolve) => {
    const listening: Server = app.listen(0, () => resolve(listening))
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    run: async (work) =>
      (await get(`${url}/work/${board.add(work)}`)).status === 200 ? 'ok' : 'failed',
    abandon: (work, started) => hangUp(`${url}/work/${board.add(work)}`, started),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
