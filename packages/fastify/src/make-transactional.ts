import { LifeguardError, type Scope, type TransactionSettings } from '@lifeguard/core'
import type { FastifyRequest, RouteOptions } from 'fastify'

/** What has happened to a request's transaction from outside of its handler. */
interface Running {
  refused: Error | undefined
}

/**
 * Wraps the route's handler in a transaction of `request[name]`: what it returns is sent after COMMIT, and
 * what it throws after ROLLBACK. A reply that leaves before that is refused, and so is the COMMIT then.
 */
export function makeTransactional(
  route: RouteOptions,
  name: string,
  settings: TransactionSettings,
): void {
  const running = new WeakMap<FastifyRequest, Running>()
  const { handler } = route

  route.handler = async function (request, reply) {
    const scope = (request as unknown as Record<string, Scope>)[name]!
    const state: Running = { refused: undefined }
    const beforeCommit = (): void => {
      if (state.refused) throw state.refused
      if (reply.sent || reply.raw.headersSent) throw sentEarly(request)
    }
    running.set(request, state)
    try {
      return await scope.runInTransaction(
        async () => {
          const result: unknown = handler.call(this, request, reply)
          if (!isThenable(result)) throw notAsync(request)
          const payload = await result
          // Fastify answers a returned error as if it had been thrown.
          if (payload instanceof Error) throw payload
          return payload
        },
        { ...settings, beforeCommit },
      )
    } finally {
      running.delete(request)
    }
  }

  // An error that is sent while the handler runs: the handler's own, or that of a time-out.
  route.onError = [
    ...hooks(route.onError),
    (request, _reply, error, done) => {
      const state = running.get(request)
      if (state) state.refused ??= error
      done()
    },
  ]

  route.onSend = [
    ...hooks(route.onSend),
    (request, _reply, _payload, done) => {
      const state = running.get(request)
      if (!state || state.refused) return done()
      state.refused = sentEarly(request)
      done(state.refused)
    },
  ]
}

function hooks<H>(given: H | H[] | undefined): H[] {
  if (given === undefined) return []
  return Array.isArray(given) ? given : [given]
}

function isThenable(result: unknown): result is Promise<unknown> {
  return typeof (result as { then?: unknown } | null | undefined)?.then === 'function'
}

function sentEarly(request: FastifyRequest): Error {
  return misuse(
    request,
    'sent its reply before its transaction was committed: return the payload instead of reply.send()',
  )
}

function notAsync(request: FastifyRequest): Error {
  return misuse(
    request,
    'has a transaction and needs an async handler, whose end is that of its work',
  )
}

function misuse(request: FastifyRequest, what: string): Error {
  const { method, routeOptions } = request
  return new LifeguardError('ERR_OPTIONS', `${method} ${routeOptions.url} ${what}`)
}
