import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'

import type { Pool, Scope } from '@lifeguard/core'
import { releaseDbConnection as expressRelease, transaction } from '@lifeguard/express'
import { releaseDbConnection } from '@lifeguard/fastify'
import express, { type Request, type RequestHandler, type Response } from 'express'
import fastify from 'fastify'

/** What a handler does with the database before it ends well or badly. */
const WORK: Record<string, (db: Scope) => Promise<unknown>> = {
  ok: (db) => db.query('SELECT 1'),
  nothing: async () => undefined,
  throws: async (db) => {
    await db.query('SELECT 1')
    throw new Error('thrown')
  },
  'left-open': async (db) => {
    await db.query('START TRANSACTION')
    await db.query('UPDATE account SET balance = 0 WHERE id = 1')
  },
  dirty: (db) => db.query('SET @left = 1, SESSION sql_mode = ""'),
  slow: (db) => db.query('SELECT SLEEP(0.05)'),
  'two-leases': async (db) => {
    await db.query('SELECT 1')
    await (await db.acquire({ timeout: 5000 })).query('SELECT 2')
  },
}

export const PATHS = [
  ...Object.keys(WORK),
  'transaction',
  'transaction-fails',
  'goes-on',
  'stream',
  'never',
]

export interface EndingsApp {
  readonly urls: readonly string[]
  close(): Promise<void>
}

/** The same routes on Fastify and on Express, over one pool. */
export async function startEndingsApp(pool: Pool): Promise<EndingsApp> {
  const app = await onFastify(pool)
  const server = await onExpress(pool)
  const { port } = server.address() as AddressInfo
  return {
    urls: [await app.listen({ port: 0, host: '127.0.0.1' }), `http://127.0.0.1:${port}`],
    async close() {
      server.closeAllConnections()
      app.server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await app.close()
    },
  }
}

async function onFastify(pool: Pool): Promise<ReturnType<typeof fastify>> {
  const app = fastify({ forceCloseConnections: true })
  await app.register(releaseDbConnection, { pool })
  const method = ['GET', 'POST']
  for (const [path, work] of Object.entries(WORK)) {
    const handler = async (request: { db: Scope }): Promise<string> => {
      await work(request.db)
      return 'ok'
    }
    app.route({ method, url: `/${path}`, handler })
  }
  const config = { db: { transaction: true } }
  const inTransaction = (fails: boolean) => async (request: { db: Scope }) => {
    await request.db.query('SELECT 1')
    if (fails) throw new Error('thrown')
    return 'ok'
  }
  app.route({ method, url: '/transaction', config, handler: inTransaction(false) })
  app.route({ method, url: '/transaction-fails', config, handler: inTransaction(true) })
  app.route({
    method,
    url: '/goes-on',
    handler: async (request, reply) => {
      await request.db.query('SELECT 1')
      await reply.send('ok')
      await request.db.query('SELECT 2')
    },
  })
  app.route({
    method,
    url: '/stream',
    handler: async (request) => {
      await request.db.query('SELECT 1')
      return brokenStream()
    },
  })
  app.route({
    method,
    url: '/never',
    config: { db: { timeout: 100 } },
    handler: async (request) => {
      await request.db.query('START TRANSACTION')
      await new Promise((resolve) => request.db.signal.addEventListener('abort', resolve))
      return 'too late'
    },
  })
  return app
}

async function onExpress(pool: Pool): Promise<Server> {
  const app = express()
  app.set('env', 'test')
  app.use(expressRelease(pool), express.json())
  const answer =
    (work: (req: Request, res: Response) => Promise<unknown>): RequestHandler =>
    (req, res, next) => {
      work(req, res).catch(next)
    }
  for (const [path, work] of Object.entries(WORK)) {
    app.all(
      `/${path}`,
      answer(async (req, res) => res.send((await work(req.db)) ? 'ok' : 'nothing')),
    )
  }
  const inTransaction = (fails: boolean): RequestHandler =>
    transaction(async (req, res) => {
      await req.db.query('SELECT 1')
      res.send('ok')
      if (fails) throw new Error('thrown')
    })
  app.all('/transaction', inTransaction(false))
  app.all('/transaction-fails', inTransaction(true))
  app.all(
    '/goes-on',
    answer(async (req, res) => {
      await req.db.query('SELECT 1')
      res.send('ok')
      await req.db.query('SELECT 2')
    }),
  )
  app.all(
    '/stream',
    answer(async (req, res) => {
      await req.db.query('SELECT 1')
      brokenStream()
        .on('error', () => res.destroy())
        .pipe(res)
    }),
  )
  app.all(
    '/never',
    expressRelease(pool, { timeout: 100 }),
    answer(async (req, res) => {
      await req.db.query('START TRANSACTION')
      await new Promise((resolve) => req.db.signal.addEventListener('abort', resolve))
      res.send('too late')
    }),
  )
  return new Promise((resolve) => {
    const listening: Server = app.listen(0, '127.0.0.1', () => resolve(listening))
  })
}

function brokenStream(): Readable {
  return Readable.from(
    (async function* () {
      yield 'a piece\n'
      throw new Error('the stream fails')
    })(),
    { objectMode: false },
  )
}
