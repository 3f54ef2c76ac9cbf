import {
  checkScopeSettings,
  LifeguardError,
  type Scope,
  type TransactionSettings,
} from '@lifeguard/core'
import type { Request, RequestHandler, Response } from 'express'

import { HeldResponse } from './held-response.ts'
import { labelOf, scopeOf } from './request-scope.ts'

export interface TransactionHandlerOptions extends TransactionSettings {
  /** The name that `releaseDbConnection` was given. Default: `db`. */
  name?: string | undefined
}

/** As a handler of Express, but it must return the promise of its end. */
export type TransactionHandler = (
  req: Request,
  res: Response,
  next: (reason?: unknown) => void,
) => Promise<unknown>

/**
 * Runs a handler in a transaction of `req.db`. What the handler sends, and its `next()`, are held back until
 * COMMIT. When it throws, calls `next(error)` or COMMIT fails, everything is rolled back, nothing of its
 * response is sent, and the error goes to the error handlers.
 *
 * @throws LifeguardError `ERR_OPTIONS` for options that it does not know.
 */
export function transaction(
  handler: TransactionHandler,
  options: TransactionHandlerOptions = {},
): RequestHandler {
  if (typeof handler !== 'function') {
    throw new LifeguardError('ERR_OPTIONS', 'transaction needs a handler')
  }
  const { name = 'db', ...settings } = options
  checkScopeSettings('transaction', { transaction: settings })

  return (req, res, next) => {
    const scope = scopeOf(req, name)
    if (!scope) return next(misuse(req, `has no req.${name}: put releaseDbConnection before it`))
    const held = new HeldResponse(res, () =>
      misuse(req, 'streamed before its transaction was committed'),
    )
    run(scope, handler, settings, req, res, held).then(
      (passedOn) => {
        try {
          held.send()
        } catch (error) {
          // Node refuses what the handler has sent, a header of two lines say; what was committed stays.
          return next(error)
        }
        if (passedOn) next(passedOn.reason)
      },
      (error: unknown) => {
        held.drop()
        next(error)
      },
    )
  }
}

/** A call of `next`. */
interface PassedOn {
  readonly reason: unknown
}

/** Resolves when all is committed. */
function run(
  scope: Scope,
  handler: TransactionHandler,
  settings: TransactionSettings,
  req: Request,
  res: Response,
  held: HeldResponse,
): Promise<PassedOn | undefined> {
  const work = async (): Promise<PassedOn | undefined> => {
    let passedOn: PassedOn | undefined
    const next = (reason?: unknown): void => {
      passedOn ??= { reason }
    }
    const result: unknown = handler(req, held.response, next)
    if (!isThenable(result)) {
      throw misuse(req, 'needs an async handler: its end is that of its work')
    }
    await Promise.race([result, held.streamed])
    if (passedOn && isFailure(passedOn.reason)) throw passedOn.reason
    return passedOn
  }
  const beforeCommit = (): void => {
    if (res.headersSent) throw misuse(req, 'was answered before its transaction was committed')
    held.startCommit()
  }
  return scope.runInTransaction(work, { ...settings, beforeCommit })
}

/** Two of Express's reasons only tell where to go on. */
function isFailure(reason: unknown): boolean {
  return Boolean(reason) && reason !== 'route' && reason !== 'router'
}

function isThenable(result: unknown): result is PromiseLike<unknown> {
  return typeof (result as { then?: unknown } | null | undefined)?.then === 'function'
}

function misuse(req: Request, what: string): Error {
  return new LifeguardError('ERR_OPTIONS', `${labelOf(req)} ${what}`)
}
