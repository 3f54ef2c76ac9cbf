import { createPool, type Pool, type PoolOptions } from '@lifeguard/core'
import { releaseDbConnection, type ReleaseDbConnectionOptions } from '@lifeguard/fastify'
import { type Bank, createBank } from '@lifeguard/test-kit'
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type { Test } from 'tap'

export interface BankApp {
  readonly app: FastifyInstance
  readonly pool: Pool
  readonly bank: Bank
}

export interface BankAppOptions {
  readonly pool?: PoolOptions
  readonly plugin?: Omit<ReleaseDbConnectionOptions, 'pool'>
  readonly server?: FastifyServerOptions
}

/** An app over a bank of its own. */
export async function bankApp(t: Test, options: BankAppOptions = {}): Promise<BankApp> {
  const bank = await createBank()
  const pool = createPool({ uri: bank.uri, min: 0, max: 3, ...options.pool })
  const app = fastify(options.server ?? {})
  await app.register(releaseDbConnection, { pool, ...options.plugin })
  t.teardown(async () => {
    await app.close()
    await pool.end()
    await bank.drop()
  })
  return { app, pool, bank }
}
