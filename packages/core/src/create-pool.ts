import { Mysql2Connector } from './connector/mysql2/connector.ts'
import { watchPool } from './inspect/watch-pool.ts'
import type { PoolOptions } from './options/options.ts'
import { resolvePoolOptions } from './options/options.ts'
import { Pool } from './pool.ts'
import { SYSTEM_CLOCK } from './util/clock.ts'

/**
 * Makes a pool and begins to open its `min` connections; it does not wait for them.
 *
 * @throws LifeguardError `ERR_OPTIONS`, with one line for each mistake.
 */
export function createPool(options: PoolOptions): Pool {
  const resolved = resolvePoolOptions(options)
  const { driver, password, initSql, onConnect, safeFunctions } = resolved
  const connector = new Mysql2Connector({
    driver: typeof password === 'string' ? { ...driver, password } : driver,
    password: typeof password === 'function' ? password : undefined,
    setUp: {
      initSql,
      onConnect: onConnect && (async (use) => onConnect(use)),
    },
    safeFunctions: new Set(safeFunctions.map((name) => name.toLowerCase())),
    clock: SYSTEM_CLOCK,
  })
  const pool = new Pool(connector, resolved, SYSTEM_CLOCK)
  watchPool(pool)
  return pool
}
