import { once } from 'node:events'

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

/** Loads the apps in turns, each in its own process; this one is the clients'. */
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
      const { requests, duration, ...rest } = await autocannon({
        url: `http://127.0.0.1:${before.port}/`,
        connections: CLIENTS,
        duration: quick ? 1 : 3,
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

export interface LoadOptions {
  /** Default: 100. */
  readonly connections?: number
  /** What is asked for. Default: `GET /`. */
  readonly next?: () => autocannon.Request
}

/** Clients that send one request after the other until they are stopped. */
export function startLoad(
  port: number,
  { connections = CLIENTS, next }: LoadOptions = {},
): { stop(): Promise<void> } {
  const url = `http://127.0.0.1:${port}/`
  const requests = next && { requests: [{ setupRequest: next }] }
  let failures = 0
  // In seconds; an app may stand still for some.
  const limits = { duration: 3600, timeout: 60 }
  const running = autocannon({ url, connections, ...limits, ...requests }, () => {})
  running.on('response', (...told: unknown[]) => {
    // Its types leave the first one out, the client.
    if (told[1] !== 200 && told[1] !== 201) failures++
  })
  running.on('reqError', () => failures++)
  return {
    async stop() {
      const ended = once(running, 'done')
      ;(running as unknown as { stop(): void }).stop()
      await ended
      if (failures > 0) throw new Error(`${failures} requests failed; nothing was measured`)
    },
  }
}
