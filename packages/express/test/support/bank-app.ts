import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { createPool, type Pool, type PoolOptions } from '@lifeguard/core'
import { releaseDbConnection, type ReleaseDbConnectionOptions } from '@lifeguard/express'
import { type Bank, createBank } from '@lifeguard/test-kit'
import express5, { type Express } from 'express'
import express4 from 'express4'
import t, { type Test } from 'tap'

export interface BankApp {
  readonly app: Express
  readonly express: typeof express5
  readonly pool: Pool
  readonly bank: Bank
  /** Answers with the app's address. */
  listen(): Promise<string>
}

export interface BankAppOptions {
  readonly pool?: PoolOptions
  readonly middleware?: ReleaseDbConnectionOptions
}

/** Runs a test on each major of Express, over a bank of its own. */
export function onEachExpress(
  name: string,
  test: (t: Test, world: BankApp) => Promise<void>,
  options: BankAppOptions = {},
): void {
  for (const [major, express] of Object.entries({ 'express 5': express5, 'express 4': express4 })) {
    void t.test(`${name} (${major})`, async (t) => test(t, await bankApp(t, express, options)))
  }
}

async function bankApp(
  t: Test,
  express: typeof express5,
  options: BankAppOptions,
): Promise<BankApp> {
  const bank = await createBank()
  const pool = createPool({ uri: bank.uri, min: 0, max: 3, ...options.pool })
  const app = express()
  app.set('env', 'test')
  app.use(releaseDbConnection(pool, options.middleware))
  let server: Server | undefined
  t.teardown(async () => {
    server?.closeAllConnections()
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
    await pool.end()
    await bank.drop()
  })
  const listen = async (): Promise<string> => {
    server = await new Promise<Server>((resolve) => {
      const listening: Server = app.listen(0, () => resolve(listening))
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  return { app, express, pool, bank, listen }
}
