import type { EventEmitter } from 'node:events'

import { LifeguardError } from '../errors.ts'
import type { Scope } from './scope.ts'

/** The longest that a request keeps its hold of the database where its app says nothing else: 5 minutes. */
export const REQUEST_TIMEOUT_MS = 300_000

/** What is needed of a response: node's `ServerResponse`, or that of its HTTP/2 compatibility layer. */
export interface ResponseLike extends EventEmitter {
  readonly writableFinished: boolean
  readonly socket: EventEmitter | null
}

/** What is needed of a request. */
export interface RequestLike {
  readonly socket: EventEmitter & { readonly destroyed: boolean }
}

/**
 * Ties a scope to one HTTP exchange. For adapters of web frameworks: call it as early as possible.
 *
 * - `prefinish`: the last byte is handed to node, so nothing reads from the connection any more; a slow
 *   client must not keep it. What still runs keeps it.
 * - `close` of the response: the end, whatever came before: finished, failed, aborted, hijacked.
 * - `close` of the socket, where the response has none yet: a pipelined request whose client leaves before
 *   its turn gets no event of its own.
 */
export function endWithResponse(scope: Scope, request: RequestLike, response: ResponseLike): void {
  response.on('prefinish', () => scope.releaseIfQuiet())
  response.on('close', () => void scope.end(response.writableFinished ? undefined : gone))
  if (response.socket !== null) return
  const { socket } = request
  const onClose = (): void => void scope.end(gone)
  if (socket.destroyed) return onClose()
  socket.once('close', onClose)
  response.once('close', () => socket.off('close', onClose))
}

function gone(): Error {
  return new LifeguardError(
    'ERR_SCOPE_ENDED',
    'the client is gone, and the connection of its request is back in the pool',
  )
}
