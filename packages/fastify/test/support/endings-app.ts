import type { Pool } from '@lifeguard/core'
import { releaseDbConnection } from '@lifeguard/fastify'
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
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'

type Query = { marker: string; early?: string }

const markerOf = (request: FastifyRequest): string => (request.query as Query).marker

/** The routes of the battery, on Fastify. */
export async function startEndingsApp(world: World<Pool>): Promise<HttpHarness> {
  const app = fastify({ exposeHeadRoutes: true })
  await app.register(releaseDbConnection, { pool: world.pool })
  app.addHook('onRequest', async (request) => {
    if ((request.query as Query).early) await begin(world, request)
  })
  app.addHook('preHandler', async (request) => {
    if (request.url.startsWith('/wait-before')) await world.gate(markerOf(request))
  })
  addRoutes(app, world)
  return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() }
}

function begin(world: World<Pool>, request: FastifyRequest): Promise<void> {
  return world.begin(request.db, markerOf(request))
}

function addRoutes(app: FastifyInstance, world: World<Pool>): void {
  const method = ['GET', 'POST']
  app.route({
    method,
    url: '/normal',
    handler: async (request) => {
      await begin(world, request)
      return 'ok'
    },
  })
  const body = { type: 'object', required: ['missing'] }
  app.post('/validated', { schema: { body } }, async () => 'never reached')
  app.post('/small', { bodyLimit: 100 }, async () => 'never reached')
  app.get('/throw-sync', () => {
    throw new Error('at once')
  })
  app.get('/throw-async', async (request) => {
    await begin(world, request)
    throw new Error('later')
  })
  const errorHandler = (): never => {
    throw new Error('the error handler fails')
  }
  app.get('/error-handler-throws', { errorHandler }, async (request) => {
    await begin(world, request)
    throw new Error('the first one')
  })
  const onSend = async (request: FastifyRequest): Promise<void> => {
    if ((request.raw as { failed?: boolean }).failed) return
    ;(request.raw as { failed?: boolean }).failed = true
    throw new Error('onSend fails')
  }
  app.get('/on-send-throws', { onSend }, async (request) => {
    await begin(world, request)
    return 'ok'
  })
  app.get('/hijack', async (request, reply) => {
    await begin(world, request)
    reply.hijack()
    reply.raw.end('ok')
  })
  app.get('/hijack-never', async (request, reply) => {
    reply.hijack()
    await begin(world, request)
  })
  app.get('/raw-end', async (request, reply) => {
    await begin(world, request)
    reply.raw.end('ok')
  })
  app.get('/raw-destroy', async (request, reply) => {
    await begin(world, request)
    reply.raw.destroy()
  })
  app.get('/handler-timeout', { handlerTimeout: 300 }, async (request) => {
    await begin(world, request)
    await new Promise(() => {})
  })
  app.get('/socket-timeout', async (request) => {
    await begin(world, request)
    request.raw.socket.setTimeout(200)
    await new Promise(() => {})
  })
  app.get('/never', { config: { db: { timeout: 400 } } }, async (request) => {
    await begin(world, request)
    await new Promise(() => {})
  })
  app.route({
    method,
    url: '/wait',
    handler: async (request) => {
      await begin(world, request)
      await world.gate(markerOf(request))
      return 'ok'
    },
  })
  app.get('/wait-before', async () => 'ok')
  app.route({
    method,
    url: '/sleep',
    handler: async (request) => {
      await begin(world, request)
      await request.db.query(sleep(markerOf(request)))
    },
  })
  app.get('/lock-wait', async (request) => {
    await begin(world, request)
    await request.db.query(lockWait(markerOf(request)))
  })
  app.get('/go-on', async (request, reply) => {
    await begin(world, request)
    await reply.send('ok')
    await request.db.query('SELECT 1')
    await world.gate(markerOf(request))
    await request.db.query('SELECT 1')
  })
  app.get('/large', async (request) => {
    await begin(world, request)
    return LARGE
  })
  app.get('/stream', async (request) => {
    await begin(world, request)
    return streamRows(request.db, ROWS)
  })
  app.get('/stream-endless', async (request) => {
    await begin(world, request)
    return streamRows(request.db, ENDLESS_ROWS)
  })
  app.get('/stream-fails-first', async (request) => {
    await begin(world, request)
    return failingStream(0)
  })
  app.get('/stream-fails-midway', async (request) => {
    await begin(world, request)
    return failingStream(1)
  })
}
