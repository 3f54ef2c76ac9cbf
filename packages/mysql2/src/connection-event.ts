import { setImmediate } from 'node:timers/promises'

import type { SetUpConnection } from '@lifeguard/core'
import type { Connection } from 'mysql2'

import type { Callback } from './callback.ts'
import type { Command } from './mysql2-module.ts'

/** A statement of the set-up, to be sent again. */
type Again = (use: SetUpConnection) => Promise<unknown>

/**
 * mysql2's `connection` event. What its listeners send on a new connection is the connection's set-up: it is done
 * before the connection is lent, and sent again after every reset, which would undo it. The event itself comes once.
 */
export class ConnectionEvent {
  readonly #emit: (connection: Connection) => boolean
  readonly #sent = new WeakMap<SetUpConnection, readonly Again[]>()

  /** `emit` tells whether anybody listens. */
  constructor(emit: (connection: Connection) => boolean) {
    this.#emit = emit
  }

  /** For `onConnect`, which is called for new connections and after resets alike. */
  async setUp(use: SetUpConnection): Promise<void> {
    const sent = this.#sent.get(use)
    if (!sent) {
      this.#sent.set(use, await this.#tell(use.connection))
      return
    }
    for (const again of sent) await again(use)
  }

  async #tell(connection: Connection): Promise<readonly Again[]> {
    const sent: Again[] = []
    let running = 0
    for (const kind of ['query', 'execute'] as const) {
      const send = connection[kind].bind(connection) as unknown as (...args: unknown[]) => Command
      const recording = (...args: unknown[]): Command => {
        const [statement, values] = args.filter((arg) => typeof arg !== 'function')
        const again: Again = (use) => use[kind as 'query'](statement as never, values as never)
        sent.push(again)
        running++
        // What fails and is put up with once must not fail every reset.
        const forget = (): void => void sent.splice(sent.indexOf(again), 1)
        const watched = args.map((arg) => (isCallback(arg) ? tellFailure(arg, forget) : arg))
        const command = send(...watched).once('end', () => running--)
        if (!args.some(isCallback)) command.once('error', forget)
        return command
      }
      connection[kind] = recording as never
    }
    if (!this.#emit(connection)) return sent
    // A listener that awaits one answer sends the next statement before a whole turn is over.
    do await setImmediate()
    while (running > 0 && connection.state === 'authenticated')
    return sent
  }
}

function isCallback(arg: unknown): arg is Callback {
  return typeof arg === 'function'
}

function tellFailure(callback: Callback, failed: () => void): Callback {
  return (error, ...results) => {
    if (error) failed()
    callback(error, ...results)
  }
}
