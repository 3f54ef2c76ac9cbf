import mysql2 from 'mysql2/promise'

import { createPromisePoolCluster as createPoolCluster } from './pool-cluster.ts'
import type { PoolOptions } from './pool-options.ts'
import { Pool } from './pool.ts'
import { PromisePool } from './promise-pool.ts'

export * from 'mysql2/promise'
// `export *` does not see what mysql2 defines by getters.
export const CharsetToEncoding: typeof mysql2.CharsetToEncoding = mysql2.CharsetToEncoding
export const Charsets: typeof mysql2.Charsets = mysql2.Charsets
export const TypedParameter: typeof mysql2.TypedParameter = mysql2.TypedParameter
export const Types: typeof mysql2.Types = mysql2.Types
export { createPoolCluster, PromisePool }
export type { PromisePool as Pool }
export type { PoolOptions }

/**
 * As in mysql2/promise, with Lifeguard's options beside mysql2's. Opens nothing before the first use.
 *
 * @throws LifeguardError `ERR_OPTIONS`, with one line for each mistake.
 */
export function createPool(options: PoolOptions | string): PromisePool {
  return new Pool(options).promise()
}

const mysql: typeof mysql2 & { createPool: typeof createPool } = {
  ...mysql2,
  createPool,
  createPoolCluster,
  ...{ PromisePool },
}

export default mysql
/** @internal What `require` brings: `export *` passes on mysql2's own otherwise, on Node 23 and newer. */
export { mysql as 'module.exports' }
