import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline, type Readable } from 'node:stream'

import type { Pool } from '@lifeguard/core'
import { releaseDbConnection } from '@lifeguard/express'
import {
  ENDLESS_ROWS,
  failingStream,
  type HttpHarness,
  LARGE,
  lockWait,
  ROWS,
  sleep,
  streamRows,
  type World,
} from '@lifeguard/test-kit/http-contract'
import type express from 'express'
import type { ErrorRequestHandler, Express, Request, RequestHandler, Response } from 'express'

type Work = (req: Request, res: Response) => Promise<unknown>

const markerOf = (req: Request): string => req.query['marker'] as string

/** The routes of the battery, on one major of Express. */
export async function startEndingsApp(
  framework: typeof express,
  world: World<Pool>,
): Promise<HttpHarness> {
  const app = framework()
  app.set('env', 'test')
  app.use(releaseDbConnection(world.pool))
  app.use((req, _res, next) => {
    if (!req.query['early']) return next()
    world.begin(req.db as never, markerOf(req)).then(() => next(), next)
  })
  app.use('/small', framework.json({ limit: 100 }))
  app.use(framework.json())
  addRoutes(app, world)
  const answerErrors: ErrorRequestHandler = (
    error: Error & { status?: number },
    _req,
    res,
    _next,
  ) => {
    if (error.message === 'the first one') throw new Error('the error handler fails')
    res.status(error.status ?? 500).send('failed')
  }
  app.use(answerErrors)
  const server = await new Promise<Server>((resolve) => {
    const listening: Server = app.listen(0, '127.0.0.1', () => resolve(listening))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function addRoutes(app: Express, world: World<Pool>): void {
  // Express 4 ignores a rejected handler; both majors know `next`.
  const begun =
    (work: Work): RequestHandler =>
    (req, res, next) => {
      world
        .begin(req.db as never, markerOf(req))
        .then(() => work(req, res))
        .catch(next)
    }
  const never = new Promise(() => {})

  app.all(
    '/normal',
    begun(async (_req, res) => res.send('ok')),
  )
  app.get('/throw-sync', () => {
    throw new Error('at once')
  })
  app.get(
    '/throw-async',
    begun(async () => Promise.reject(new Error('later'))),
  )
  app.get(
    '/error-handler-throws',
    begun(async () => Promise.reject(new Error('the first one'))),
  )
  app.get(
    '/raw-end',
    begun(async (_req, res) => res.end('ok')),
  )
  app.get(
    '/raw-destroy',
    begun(async (_req, res) => res.destroy()),
  )
  app.get(
    '/socket-timeout',
    begun(async (req) => {
      req.socket.setTimeout(200)
      await never
    }),
  )
  app.get(
    '/never',
    releaseDbConnection(world.pool, { timeout: 400 }),
    begun(() => never),
  )
  app.all(
    '/wait',
    begun(async (req, res) => {
      await world.gate(markerOf(req))
      res.send('ok')
    }),
  )
  app.get('/wait-before', (req, res, next) => {
    world.gate(markerOf(req)).then(() => res.send('ok'), next)
  })
  app.all(
    '/sleep',
    begun(async (req) => req.db.query(sleep(markerOf(req)))),
  )
  app.get(
    '/lock-wait',
    begun(async (req) => req.db.query(lockWait(markerOf(req)))),
  )
  app.get(
    '/go-on',
    begun(async (req, res) => {
      res.send('ok')
      await req.db.query('SELECT 1')
      await world.gate(markerOf(req))
      await req.db.query('SELECT 1')
    }),
  )
  app.get(
    '/large',
    begun(async (_req, res) => res.send(LARGE)),
  )
  app.get(
    '/stream',
    begun(async (req, res) => send(await streamRows(req.db as never, ROWS), res)),
  )
  app.get(
    '/stream-endless',
    begun(async (req, res) => send(await streamRows(req.db as never, ENDLESS_ROWS), res)),
  )
  app.get(
    '/stream-fails-first',
    begun(async (_req, res) => send(failingStream(0), res)),
  )
  app.get(
    '/stream-fails-midway',
    begun(async (_req, res) => send(failingStream(1), res)),
  )
}

function send(body: Readable, res: Response): void {
  pipeline(body, res, () => {})
}
