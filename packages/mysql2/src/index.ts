import mysql2 from 'mysql2'

import { createPoolCluster, PoolCluster } from './pool-cluster.ts'
import type { PoolOptions } from './pool-options.ts'
import { Pool } from './pool.ts'
import {
  createConnection as createConnectionPromise,
  createPool as createPoolPromise,
  createPoolCluster as createPoolClusterPromise,
} from './promise.ts'

export * from 'mysql2'
// `export *` does not see what mysql2 defines by getters.
export const CharsetToEncoding: typeof mysql2.CharsetToEncoding = mysql2.CharsetToEncoding
export const Charsets: typeof mysql2.Charsets = mysql2.Charsets
export const TypedParameter: typeof mysql2.TypedParameter = mysql2.TypedParameter
export const Types: typeof mysql2.Types = mysql2.Types
export { createConnectionPromise, createPoolCluster, createPoolClusterPromise, createPoolPromise }
export { Pool, PoolCluster }
export type { PoolOptions }
export type { PromisePool } from './promise-pool.ts'

/**
 * As in mysql2, with Lifeguard's options beside mysql2's. Opens nothing before the first use.
 *
 * @throws LifeguardError `ERR_OPTIONS`, with one line for each mistake.
 */
export function createPool(options: PoolOptions | string): Pool {
  return new Pool(options)
}

const mysql: typeof mysql2 & { createPool: typeof createPool } = {
  ...mysql2,
  createPool,
  createPoolCluster,
  ...{ createConnectionPromise, createPoolPromise, createPoolClusterPromise, Pool, PoolCluster },
}

export default mysql
/** @internal What `require` brings: `export *` passes on mysql2's own otherwise, on Node 23 and newer. */
export { mysql as 'module.exports' }
