import { waitFor } from '../wait-for.ts'
import { Exchange, openSocket, rawRequest, type SendOptions } from './http-client.ts'
import type { ToCheck } from './leftovers.ts'
import { POOL_MAX, type World } from './world.ts'

/** What a client does with one request: the app's half of the ending is the route. */
export interface HttpEnding extends ToCheck {
  readonly name: string
  /** The adapters that can end so; all where not given. */
  readonly only?: string
  act(url: string, marker: string, world: World): Promise<void>
}

const JSON_BODY = '{"a":1}'

/** A request that is answered, or torn off, by the app. */
function answered(
  name: string,
  path: string,
  status: number | 'torn off',
  more: Partial<HttpEnding> & { send?: SendOptions } = {},
): HttpEnding {
  const { send, ...rest } = more
  return {
    name,
    leases: 1,
    ...rest,
    async act(url, marker) {
      const exchange = new Exchange(at(url, path, marker), send)
      const actual = await exchange.status
      await exchange.finish()
      if (actual !== status) throw new Error(`${path} was answered with ${actual}, not ${status}`)
    },
  }
}

/** A request whose client leaves once its handler has begun and `until` holds. */
function abandoned(
  name: string,
  path: string,
  more: Partial<HttpEnding> & { send?: SendOptions; running?: string; openGate?: boolean } = {},
): HttpEnding {
  const { send, running, openGate, ...rest } = more
  return {
    name,
    leases: 1,
    ...rest,
    async act(url, marker, world) {
      const exchange = new Exchange(at(url, path, marker), send)
      await waitFor(() => world.hasBegun(marker), { label: `${path} has begun` })
      const statement = running && `${running} /* ${marker} */`
      if (statement) {
        await waitFor(async () => (await world.running(statement)) === 1, { every: 50 })
      }
      await exchange.hangUp()
      await waitFor(() => world.hasEnded(marker), { label: `the scope of ${path} has ended` })
      if (statement) {
        await waitFor(async () => (await world.running(statement)) === 0, { every: 50 })
      }
      if (openGate) world.openGate(marker)
    },
  }
}

const post = (body = JSON_BODY): SendOptions => ({ method: 'POST', body })

export const HTTP_ENDINGS: readonly HttpEnding[] = [
  answered('normal', '/normal', 200),
  answered('HEAD', '/normal', 200, { send: { method: 'HEAD' } }),
  answered('a body that is read', '/normal', 200, { send: post() }),
  answered('no such route', '/nowhere?early=1', 404),
  answered('a body that is not valid', '/normal?early=1', 400, { send: post('{') }),
  answered('a body that the schema refuses', '/validated?early=1', 400, {
    only: 'fastify',
    send: post(),
  }),
  answered('a body that is too large', '/small?early=1', 413, {
    send: post(`"${'x'.repeat(2000)}"`),
  }),
  answered('a handler that throws at once', '/throw-sync?early=1', 500),
  answered('a handler that rejects', '/throw-async', 500),
  answered('an error handler that throws', '/error-handler-throws', 500),
  answered('onSend that throws', '/on-send-throws', 500, { only: 'fastify' }),
  answered('hijack', '/hijack', 200, { only: 'fastify' }),
  answered('raw.end()', '/raw-end', 200),
  answered('raw.destroy()', '/raw-destroy', 'torn off'),
  answered('handlerTimeout', '/handler-timeout', 503, { only: 'fastify' }),
  answered('a connection time-out', '/socket-timeout', 'torn off'),
  answered('a stream of rows to its end', '/stream', 200, { leases: 2 }),
  answered('a stream that fails midway', '/stream-fails-midway', 200),
  answered('a stream that fails before its first byte', '/stream-fails-first', 500, {
    only: 'fastify',
  }),
  answered('a stream that fails before its first byte', '/stream-fails-first', 'torn off', {
    only: 'express',
  }),
  abandoned('a hijacked reply that never ends', '/hijack-never', { only: 'fastify' }),
  abandoned('gone before the handler', '/wait-before?early=1', { openGate: true }),
  abandoned('gone during a query', '/sleep', { running: 'SELECT SLEEP(30)' }),
  abandoned('gone during a query, body read', '/sleep', {
    running: 'SELECT SLEEP(30)',
    send: post(),
  }),
  abandoned('gone while the handler waits, body read', '/wait', { send: post(), openGate: true }),
  abandoned('gone during the upload', '/normal?early=1', {
    send: { method: 'POST', body: '{"a":', length: 1000 },
  }),
  abandoned('gone during a row-lock wait', '/lock-wait', {
    running: 'SELECT balance FROM account WHERE id = 2 FOR UPDATE',
    async prepare(pool) {
      const lease = await pool.acquire()
      await lease.query('START TRANSACTION')
      await lease.query('SELECT balance FROM account WHERE id = 2 FOR UPDATE')
      return () => lease.release()
    },
  }),
  {
    name: 'no answer at all, until its time is over',
    leases: 1,
    async act(url, marker, world) {
      const exchange = new Exchange(at(url, '/never', marker))
      await waitFor(() => world.hasBegun(marker) && world.hasEnded(marker))
      await exchange.hangUp()
    },
  },
  {
    name: 'gone while it waits for a connection',
    leases: 0,
    begins: false,
    async prepare(pool) {
      const leases = await Promise.all(Array.from({ length: POOL_MAX }, () => pool.acquire()))
      return async () => {
        await waitFor(() => pool.stats().waiting === 0)
        for (const lease of leases) await lease.release()
      }
    },
    async act(url, marker, world) {
      const exchange = new Exchange(at(url, '/normal', marker))
      await waitFor(() => world.pool.stats().waiting === 2)
      // Both are to be seen waiting before one of them leaves.
      await new Promise((resolve) => setTimeout(resolve, 100))
      await exchange.hangUp()
    },
  },
  {
    name: 'an answer, and work that goes on',
    leases: 2,
    async act(url, marker, world) {
      const exchange = new Exchange(at(url, '/go-on', marker))
      await exchange.firstBytes()
      await waitFor(() => world.pool.stats().acquired > 0)
      await exchange.finish()
      await waitFor(() => world.hasEnded(marker))
      world.openGate(marker)
    },
  },
  {
    name: 'a reader that is slow',
    leases: 1,
    async act(url, marker, world) {
      const exchange = new Exchange(at(url, '/large', marker))
      await exchange.firstBytes()
      await world.settled()
      if (world.hasEnded(marker)) {
        throw new Error('the client has read all: the answer is too small')
      }
      await exchange.hangUp()
      await waitFor(() => world.hasEnded(marker))
    },
  },
  {
    name: 'gone in the middle of a stream of rows',
    leases: 2,
    async act(url, marker, world) {
      const exchange = new Exchange(at(url, '/stream-endless', marker))
      await exchange.firstBytes()
      await exchange.hangUp()
      await waitFor(() => world.hasEnded(marker))
    },
  },
  ...(['GET', 'POST'] as const).map((method): HttpEnding => {
    return {
      name: `gone while it waits for its turn on a pipelined connection (${method})`,
      leases: 2,
      async act(url, marker, world) {
        const first = await world.open()
        const socket = await openSocket(url)
        const body = method === 'POST' ? JSON_BODY : ''
        const paths = [first, marker].map((name) => `/wait?marker=${name}`)
        socket.write(paths.map((path) => rawRequest(path, method, body)).join(''))
        await waitFor(() => world.hasBegun(first) && world.hasBegun(marker))
        socket.destroy()
        await waitFor(() => world.hasEnded(marker) && world.hasEnded(first))
      },
    }
  }),
  {
    name: 'one request after the other on a kept connection',
    leases: 3,
    async act(url, marker, world) {
      const socket = await openSocket(url)
      for (const name of [await world.open(), await world.open(), marker]) {
        socket.write(rawRequest(`/normal?marker=${name}`))
        await waitFor(() => world.hasBegun(name) && world.hasEnded(name))
      }
      socket.destroy()
    },
  },
]

function at(url: string, path: string, marker: string): string {
  const target = new URL(path, url)
  target.searchParams.set('marker', marker)
  return target.href
}
