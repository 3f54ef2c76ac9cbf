import t from 'tap'

import { HTTP_ENDINGS } from './http-endings.ts'
import { leavesNothing } from './leftovers.ts'
import type { ContractPool } from './types.ts'
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
export { leavesNothing } from './leftovers.ts'
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
 * Every way in which a request can end, twice at the same time.
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
        await leavesNothing(t, world, ending, (marker) => ending.act(harness.url, marker, world))
      })
    }

    await t.test('and nothing is left at the server', async () => {
      await world.settled()
      await world.nothingOpen()
    })
  })
}
