import { createPool, LifeguardError, type Pool, type PoolOptions } from '@lifeguard/core'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

import { releaseDbConnection } from './release-db-connection.ts'

export interface LifeguardOptions extends Omit<PoolOptions, 'name'> {
  /** The name of the decorators `app[name]` and `request[name]`, and of the pool. Default: `db`. */
  name?: string
  /**
   * A request is cut off from the database so many milliseconds after its first use of it, which frees what a
   * handler holds that never answers. 0: no limit. Default: 300 000.
   */
  timeout?: number
  /** For work under way when the app closes, in milliseconds. Default: 10 000. */
  endDeadline?: number
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The pool behind every `request.db`. */
    db: Pool
  }
}

/**
 * Makes a pool as `app.db`, gives every request its connection as `request.db` and takes it back, rolled
 * back where it was not committed, and ends the pool with the app.
 */
const register: FastifyPluginAsync<LifeguardOptions> = async (app, options) => {
  const { name = 'db', timeout, endDeadline, ...poolOptions } = options
  if (app.hasDecorator(name)) {
    throw new LifeguardError(
      'ERR_OPTIONS',
      `app.${name} exists already: give this pool a name of its own, { name: 'reportsDb' } makes it app.reportsDb`,
    )
  }
  const pool = createPool({ ...poolOptions, name })
  app.decorate(name, pool)
  pool.on('rolledBack', (fact) => app.log.debug(fact, 'uncommitted work was rolled back'))
  pool.on('leakSuspected', (fact) => app.log.warn(fact, 'a connection is held for too long'))
  app.addHook('onClose', async () => {
    const { cut } = await pool.end(endDeadline === undefined ? {} : { deadline: endDeadline })
    if (cut.length > 0) app.log.warn({ cut }, 'database work was cut off by the shutdown')
  })
  await app.register(releaseDbConnection, { pool, name, timeout })
}

export const lifeguard: FastifyPluginAsync<LifeguardOptions> = fp(register, {
  fastify: '5.x',
  name: '@lifeguard/fastify',
})
