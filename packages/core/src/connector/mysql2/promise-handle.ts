import type { Connection } from 'mysql2'
import { PoolConnection } from 'mysql2/promise'

type Constructor = new (
  connection: Connection,
  implementation: PromiseConstructor | undefined,
) => InstanceType<typeof PoolConnection>

// mysql2's types leave its constructor out.
const Base = PoolConnection as unknown as Constructor

/**
 * mysql2's promise wrapper around a guarded connection. The methods below reach in mysql2 for private parts of the
 * connection, which a guarded one does not have.
 */
export class PromiseHandle extends Base {}

const SYNCHRONOUS = [
  'close',
  'escape',
  'escapeId',
  'format',
  'pause',
  'resume',
  'unprepare',
] as const

for (const name of SYNCHRONOUS) {
  Object.defineProperty(PromiseHandle.prototype, name, {
    value(
      this: { connection: Record<string, (...args: unknown[]) => unknown> },
      ...args: unknown[]
    ) {
      return this.connection[name]!(...args)
    },
  })
}
