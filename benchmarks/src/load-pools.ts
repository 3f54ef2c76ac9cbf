import { startFaultProxy } from '@lifeguard/test-kit'

import { addressOf, type Bench } from './benchmark.ts'
import type { Contestant } from './contestant.ts'
import type { LoadConfig, LoadResult, LoadRound } from './contestants/load.ts'
import type { PoolName, PoolSize } from './contestants/pools.ts'
import { inTurns } from './rounds.ts'

export const POOLS: readonly PoolName[] = ['lifeguard', 'mysql2', 'mariadb']

export interface PoolLoad extends LoadResult {
  /** Connections opened in the round, warming included. */
  readonly opened: number
}

export interface PoolLoadOptions extends PoolSize, LoadRound {
  readonly rounds: number
  /** Connecting takes so many milliseconds longer. */
  readonly connectMs: number
}

/** Loads the pools in turns, each in its own process, through a proxy in this one. */
export async function loadPools(
  { server }: Bench,
  { min, max, rounds, connectMs, ...round }: PoolLoadOptions,
): Promise<Record<PoolName, PoolLoad[]>> {
  const proxy = await startFaultProxy(server)
  proxy.delayGreeting(connectMs)
  const address = addressOf(proxy)
  try {
    return await inTurns({
      variants: POOLS,
      module: 'load',
      config: (pool): LoadConfig => ({ pool, address, min, max }),
      rounds,
      play: async (contestant: Contestant<LoadRound, LoadResult>): Promise<PoolLoad> => {
        const before = proxy.accepted
        const result = await contestant.run(round)
        proxy.clearCommands()
        return { ...result, opened: proxy.accepted - before }
      },
    })
  } finally {
    await proxy.stop()
  }
}
