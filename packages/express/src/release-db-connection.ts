import {
  checkScopeSettings,
  endWithResponse,
  LifeguardError,
  type Logger,
  type Pool,
  REQUEST_TIMEOUT_MS,
  type Scope,
  type ScopeSettings,
} from '@lifeguard/core'
import type { RequestHandler } from 'express'

import { labelOf, scopeOf, setScope } from './request-scope.ts'

export interface ReleaseDbConnectionOptions extends Omit<ScopeSettings, 'transaction'> {
  /** The name of the request's property. Default: `db`. */
  name?: string | undefined
  /**
   * A request is cut off from the database so many milliseconds after its first use of it, which frees what a
   * handler holds that never answers. 0: no limit. Default: 300 000.
   */
  timeout?: number | undefined
  /** Told of requests that were cut off by `timeout`; the first mount's is. Default: nobody is. */
  logger?: Logger | undefined
}

declare global {
  namespace Express {
    interface Request {
      /** This request's own stretch of database use; it takes a connection with its first statement. */
      db: Scope
    }
  }
}

/**
 * Gives every request a scope as `req.db`, and ends it with the response. Put it before the routes; before or
 * after body parsers makes no difference. Put once more before some of them, with other options, it changes
 * those of the scope that is there.
 *
 * @throws LifeguardError `ERR_OPTIONS` for options that it does not know.
 */
export function releaseDbConnection(
  pool: Pool,
  options: ReleaseDbConnectionOptions = {},
): RequestHandler {
  if (typeof pool?.openScope !== 'function') {
    throw new LifeguardError(
      'ERR_OPTIONS',
      'releaseDbConnection needs a pool that createPool has made',
    )
  }
  const { name = 'db', logger, ...settings } = options
  const { hold, timeout } = checkScopeSettings('releaseDbConnection', settings)

  return (req, res, next) => {
    const present = scopeOf(req, name)
    if (present?.pool === pool) {
      present.configure({ hold, timeout })
      return next()
    }
    const scope = pool.openScope({
      label: () => labelOf(req),
      hold,
      timeout: timeout ?? REQUEST_TIMEOUT_MS,
      onTimeout:
        logger && ((limit) => logger.warn({ route: scope.label, timeout: limit }, TIMED_OUT)),
    })
    setScope(req, name, scope)
    endWithResponse(scope, req, res)
    scope.run(next)
  }
}

const TIMED_OUT = 'the request was cut off from the database, for it had not ended in time'
