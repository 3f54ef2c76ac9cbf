import type { Connection } from 'mysql2'

import type { Command } from './mysql2-module.ts'

/** Sends a command; resolves when it is done, and rejects with what the command itself has reported already. */
export function carryOut(connection: Pick<Connection, 'query'>, command: Command): Promise<void> {
  return new Promise((resolve, reject) => {
    const { onResult } = command
    if (onResult) {
      command.onResult = (error, ...rest) => {
        if (error) reject(error)
        else resolve()
        onResult(error, ...rest)
      }
    } else {
      // A lost connection brings no 'end'.
      command.once('error', reject).once('end', resolve)
    }
    try {
      connection.query(command as never)
    } catch (error) {
      // Values that cannot be bound.
      fail(command, error as Error)
      reject(error)
    }
  })
}

/** Tells a command that it could not be sent. */
export function fail(command: Command, error: Error): void {
  // Not from the promise that has brought it: what a callback throws must be an uncaught exception.
  process.nextTick(() => {
    if (command.onResult) command.onResult(error)
    else command.emit('error', error)
  })
}
