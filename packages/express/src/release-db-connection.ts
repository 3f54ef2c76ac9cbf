import { endWithResponse, type Hold, type Pool, type Scope } from '@lifeguard/core'
import type { Request, RequestHandler } from 'express'

export interface ReleaseDbConnectionOptions {
  /** The name of the request's property. Default: `db`. */
  name?: string
  /** Default: the pool's. */
  hold?: Hold
  /** A request is cut off from the database so many milliseconds after its first use of it. Default: no limit. */
  timeout?: number
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
 * Gives every request a scope as `req.db`, and ends it with the response. Mounted twice, it is mounted
 * once. Put it before the routes; before or after body parsers makes no difference.
 */
export function releaseDbConnection(
  pool: Pool,
  options: ReleaseDbConnectionOptions = {},
): RequestHandler {
  const { name = 'db', hold, timeout } = options
  return (req, res, next) => {
    const holder = req as unknown as Record<string, Scope | undefined>
    const present = holder[name]
    if (present?.pool === pool) return next()
    const scope = pool.openScope({
      label: () => labelOf(req),
      ...(hold && { hold }),
      ...(timeout !== undefined && { timeout }),
    })
    holder[name] = scope
    endWithResponse(scope, req, res)
    scope.run(next)
  }
}

/** The route's template as far as it is known yet, never the parameters. */
function labelOf(req: Request): string {
  const route = (req.route as { path?: unknown } | undefined)?.path
  return `${req.method} ${req.baseUrl}${typeof route === 'string' ? route : ''}`
}
