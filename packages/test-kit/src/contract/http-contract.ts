import t from 'tap'

import { HTTP_ENDINGS } from './http-endings.ts'
import type { ContractPool, ContractScope } from './types.ts'
import { World } from './world.ts'

export {
  ENDLESS_ROWS,
  failingStream,
  LARGE,
  lockWait,
  ROWS,
  sleep,
  streamRows,
} from './app-parts.ts'
export type { ContractLease, ContractPool, ContractScope } from './types.ts'
export { World } from './world.ts'

/** An app with the routes of the battery, at an address of its own. */
export interface HttpHarness {
  readonly url: string
  close(): Promise<void>
}

export interface HttpContractOptions<P extends ContractPool> {
  readonly adapter: 'fastify' | 'express'
  readonly createPool: (uri: string, max: number) => P
  readonly start: (world: World<P>) => Promise<HttpHarness>
}

/**
 * Every way in which a request can end, twice at the same time. Whichever it is: what was lent is back once,
 * what was not committed is undone, its row is free, and the scope is of no use any more.
 */
export function httpContract<P extends ContractPool>(
  name: string,
  options: HttpContractOptions<P>,
): void {
  void t.test(`${name}: every ending of a request`, async (t) => {
    const world = await World.create(options.createPool)
    const harness = await options.start(world)
    t.teardown(async () => {
      await harness.close()
      await world.close()
    })

    const mine = HTTP_ENDINGS.filter(({ only }) => only === undefined || only === options.adapter)
    for (const ending of mine) {
      await t.test(ending.name, async (t) => {
        await world.settled()
        const markers = [await world.open(), await world.open()]
        const finish = await ending.prepare?.(world.pool)
        const before = world.pool.stats().acquired
        await Promise.all(
          markers.map((marker) => ending.act(harness.url, marker, world as unknown as World)),
        )
        await finish?.()
        await world.settled()
        t.equal(world.pool.stats().acquired - before, 2 * ending.leases, 'leases')
        if (ending.begins === false) return
        for (const marker of markers) {
          t.equal(await world.balance(marker), 100, 'rolled back')
          t.ok(await world.rowIsFree(marker), 'the row is free')
          t.equal(await codeOfLateUse(world.scope(marker)), 'ERR_SCOPE_ENDED', 'late use')
        }
      })
    }

    await t.test('and nothing is left at the server', async () => {
      await world.settled()
      await world.nothingOpen()
    })
  })
}

async function codeOfLateUse(db: ContractScope): Promise<string | undefined> {
  return db.query('SELECT 1').then(
    () => undefined,
    (error: { code?: string }) => error.code,
  )
}
