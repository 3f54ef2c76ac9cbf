import { get } from '@lifeguard/test-kit'
import autocannon from 'autocannon'

import { addressOf, type Bench } from './benchmark.ts'
import type { Contestant } from './contestant.ts'
import type { AppConfig, AppState, AppVariant } from './contestants/fastify-app.ts'
import { inTurns } from './rounds.ts'

export interface AppLoad {
  readonly perSecond: number
  /** Processor time of the app's process for each request; less at the mercy of other processes. */
  readonly cpuMicros: number
}

const CLIENTS = 100

/** Loads the apps in turns, each in its own process; this one is the clients', and asks for an app's views each second. */
export async function loadApps<Variant extends AppVariant>(
  { server, quick }: Bench,
  variants: readonly Variant[],
  rounds: number,
): Promise<Record<Variant, AppLoad[]>> {
  return await inTurns({
    variants,
    module: 'fastify-app',
    config: (variant): AppConfig => ({ variant, address: addressOf(server), size: 10 }),
    rounds: quick ? 2 : rounds,
    play: async (app: Contestant<undefined, AppState>): Promise<AppLoad> => {
      const before = await app.run(undefined)
      const looking = setInterval(() => {
        for (const view of before.views) void get(`http://127.0.0.1:${before.port}${view}`)
      }, 1000)
      const { requests, duration, ...rest } = await load(before.port, quick).finally(() => {
        clearInterval(looking)
      })
      if (rest.non2xx + rest.errors > 0) throw new Error('A request failed; nothing was measured')
      const after = await app.run(undefined)
      return {
        perSecond: requests.total / duration,
        cpuMicros: (after.cpuMicros - before.cpuMicros) / requests.total,
      }
    },
  })
}

async function load(port: number, quick: boolean): Promise<autocannon.Result> {
  return await autocannon({
    url: `http://127.0.0.1:${port}/`,
    connections: CLIENTS,
    duration: quick ? 1 : 3,
  })
}
