import { createPool, type Pool } from '@lifeguard/core'
import { releaseDbConnection } from '@lifeguard/fastify'
import { get, hangUp, WorkBoard } from '@lifeguard/test-kit'
import { type ContractWork, scopeContract } from '@lifeguard/test-kit/contract'
import fastify from 'fastify'

scopeContract<Pool>('fastify 5', {
  createPool: (uri, max) => createPool({ uri, max }),
  async start(pool) {
    const app = fastify()
    const board = new WorkBoard<ContractWork>()
    await app.register(releaseDbConnection, { pool })
    app.get<{ Params: { id: string } }>('/work/:id', async (request) => {
      await board.take(request.params.id)(request.db)
      return 'done'
    })
    const url = await app.listen({ port: 0 })
    return {
      run: async (work) =>
        (await get(`${url}/work/${board.add(work)}`)).status === 200 ? 'ok' : 'failed',
      abandon: (work, started) => hangUp(`${url}/work/${board.add(work)}`, started),
      close: () => app.close(),
    }
  },
})
