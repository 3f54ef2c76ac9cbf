import {
  checkScopeSettings,
  endWithResponse,
  LifeguardError,
  type Pool,
  REQUEST_TIMEOUT_MS,
  type Scope,
  type ScopeSettings,
} from '@lifeguard/core'
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

import { makeTransactional } from './make-transactional.ts'
import { RouteSettings } from './route-settings.ts'

export interface ReleaseDbConnectionOptions extends Omit<ScopeSettings, 'transaction'> {
  /** The pool that requests take their connections from. It stays yours to end. */
  pool: Pool
  /** The name of the request's decorator, and of a route's settings in its `config`. Default: `db`. */
  name?: string | undefined
  /**
   * A request is cut off from the database so many milliseconds after its first use of it, which frees what a
   * handler holds that never answers. 0: no limit. Default: 300 000.
   */
  timeout?: number | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    /** This request's own stretch of database use; it takes a connection with its first statement. */
    db: Scope
  }
  interface FastifyContextConfig {
    /** Of this route alone: `transaction`, `hold`, `timeout`. */
    db?: ScopeSettings
  }
}

/**
 * Gives every request a scope as `request.db`, and ends it with the response. Until its first statement a
 * request holds no connection; `pool.query` anywhere below its handler uses the request's.
 *
 * Async, so that what it throws rejects the `register` that has caused it.
 */
const register: FastifyPluginAsync<ReleaseDbConnectionOptions> = async (app, options) => {
  const { pool, name = 'db' } = options
  if (typeof pool?.openScope !== 'function') {
    throw new LifeguardError(
      'ERR_OPTIONS',
      'releaseDbConnection needs { pool }, a pool that createPool has made',
    )
  }
  const settings = checkScopeSettings('releaseDbConnection', {
    hold: options.hold,
    timeout: options.timeout ?? REQUEST_TIMEOUT_MS,
  })
  decorate(app, name)
  app.addHook('onRoute', (route) => {
    const own = RouteSettings.read(route, name)
    if (!own) return
    route.config = { ...route.config, [name]: own }
    if (own.transaction) makeTransactional(route, name, own.transaction)
  })
  app.addHook('onRequest', (request, reply, next) => {
    // Fastify makes it anew for each who asks.
    const { routeOptions } = request
    const route = RouteSettings.of(routeOptions, name)
    const { hold, timeout } = isUpgrade(request) ? UPGRADED : settings
    const scope = pool.openScope({
      label: labelOf(request.method, routeOptions.url),
      hold: route?.hold ?? hold,
      timeout: route?.timeout ?? timeout,
      onTimeout: (limit) => request.log.warn({ timeout: limit }, TIMED_OUT),
    })
    ;(request as unknown as Record<string, Scope>)[name] = scope
    endWithResponse(scope, request.raw, reply.raw)
    scope.run(next)
  })
  if (app.initialConfig.http2) releaseOnSend(app, name)
}

export const releaseDbConnection: FastifyPluginAsync<ReleaseDbConnectionOptions> = fp(register, {
  fastify: '5.x',
  name: '@lifeguard/fastify/release-db-connection',
})

const TIMED_OUT = 'the request was cut off from the database, for it had not ended in time'

/**
 * With HTTP/2 no event tells that all is handed over: the response ends when the client has read it, however
 * slow it is. What is no stream leaves with this hook.
 */
function releaseOnSend(app: FastifyInstance, name: string): void {
  app.addHook('onSend', (request, _reply, payload, next) => {
    const scope = (request as unknown as Record<string, Scope>)[name]
    const whole = payload == null || typeof payload === 'string' || Buffer.isBuffer(payload)
    // After the hooks that come next, which may need the database.
    if (whole && scope) setImmediate(() => scope.releaseIfQuiet())
    next()
  })
}

/** A WebSocket is open for hours: it has no time limit, and holds nothing between two transactions. */
const UPGRADED = { hold: 'transaction', timeout: 0 } as const

function isUpgrade({ raw }: FastifyRequest): boolean {
  return (raw as { upgrade?: boolean }).upgrade === true
}

function decorate(app: FastifyInstance, name: string): void {
  if (app.hasRequestDecorator(name)) {
    throw new LifeguardError(
      'ERR_OPTIONS',
      `request.${name} exists already: give this pool a name of its own, { name: 'reportsDb' } makes it request.reportsDb`,
    )
  }
  app.decorateRequest(name, null)
}

/** The route's template, never its parameters. */
function labelOf(method: string, url: string | undefined): string {
  return `${method} ${url ?? '(no route)'}`
}
