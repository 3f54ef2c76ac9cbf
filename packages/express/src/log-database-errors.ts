import { isLifeguardError, type Logger } from '@lifeguard/core'
import type { ErrorRequestHandler } from 'express'

import { labelOf } from './request-scope.ts'

/**
 * An error handler that tells `logger` of the database's errors, by route and code, without their text, which
 * may quote values. It answers nothing: every error goes on, unchanged, to the next error handler.
 */
export function logDatabaseErrors(logger: Logger): ErrorRequestHandler {
  return (error: unknown, req, _res, next) => {
    const { code, sqlState } = (error ?? {}) as { code?: unknown; sqlState?: unknown }
    if (isLifeguardError(error) || sqlState !== undefined) {
      logger.warn({ route: labelOf(req), code, sqlState }, 'the database failed a request')
    }
    next(error)
  }
}
