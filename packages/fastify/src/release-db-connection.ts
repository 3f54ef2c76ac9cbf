import { endWithResponse, type Hold, type Pool, type Scope } from '@lifeguard/core'
import type { FastifyInstance, FastifyPluginCallback, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

export interface ReleaseDbConnectionOptions {
  /** The pool that requests take their connections from. It stays yours to end. */
  pool: Pool
  /** The name of the request's decorator. Default: `db`. */
  name?: string
  /** Default: the pool's. */
  hold?: Hold
  /** A request is cut off from the database so many milliseconds after its first use of it. Default: no limit. */
  timeout?: number
}

declare module 'fastify' {
  interface FastifyRequest {
    /** This request's own stretch of database use; it takes a connection with its first statement. */
    db: Scope
  }
}

/**
 * Gives every request a scope as `request.db`, and ends it with the response. Until its first statement a
 * request holds no connection; `pool.query` anywhere below its handler uses the request's.
 */
const register: FastifyPluginCallback<ReleaseDbConnectionOptions> = (app, options, done) => {
  const { pool, name = 'db', hold, timeout } = options
  decorate(app, name)
  app.addHook('onRequest', (request, reply, next) => {
    const scope = pool.openScope({
      label: () => labelOf(request),
      ...(hold && { hold }),
      ...(timeout !== undefined && { timeout }),
    })
    ;(request as unknown as Record<string, Scope>)[name] = scope
    endWithResponse(scope, request.raw, reply.raw)
    scope.run(next)
  })
  done()
}

export const releaseDbConnection: FastifyPluginCallback<ReleaseDbConnectionOptions> = fp(register, {
  fastify: '5.x',
  name: '@lifeguard/fastify/release-db-connection',
})

function decorate(app: FastifyInstance, name: string): void {
  if (app.hasRequestDecorator(name)) {
    throw new Error(
      `request.${name} exists already: give this pool a name of its own, { name: 'reportsDb' } makes it request.reportsDb`,
    )
  }
  app.decorateRequest(name, null)
}

/** The route's template, never its parameters. */
function labelOf(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url ?? '(no route)'}`
}
