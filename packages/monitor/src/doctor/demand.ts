import type { PoolSnapshot, ProcessReport } from '@lifeguard/core'

/** What pools of one name and size may take from a server, all processes together. */
export interface Demand {
  readonly pool: string
  readonly processes: number
  readonly max: number
  readonly healthCheckInterval: number
}

/** Every pool may open one more connection, to end statements with. */
export const CONTROL = 1

export function connectionsOf({ processes, max }: Demand): number {
  return processes * (max + CONTROL)
}

/** Of these pools. With `processes`, as if there were so many of each. */
export function demandOf(pools: readonly PoolSnapshot[], processes: number | undefined): Demand[] {
  const demands = new Map<string, Demand>()
  for (const { stats, target, settings } of pools) {
    const { name: pool, max } = stats
    const { healthCheckInterval } = settings
    const key = JSON.stringify([pool, target, max, healthCheckInterval])
    const running = (demands.get(key)?.processes ?? 0) + 1
    demands.set(key, { pool, processes: running, max, healthCheckInterval })
  }
  const found = [...demands.values()]
  return processes === undefined ? found : found.map((demand) => ({ ...demand, processes }))
}

/** How many connections these pools have now. */
export function heldBy(pools: readonly PoolSnapshot[]): number {
  return pools.reduce((sum, { stats }) => sum + stats.total, 0)
}

/**
 * The pools of the server that was asked, by its address. Where all have the same it is that one, whatever it is called
 * here; where none has this one, nobody can tell, and all count.
 */
export function poolsOfServer(
  reports: readonly ProcessReport[],
  server: string,
): { readonly pools: readonly PoolSnapshot[]; readonly elsewhere: readonly string[] } {
  const all = reports.flatMap(({ pools }) => pools)
  const targets = [...new Set(all.map(({ target }) => target))]
  const own = targets.filter((target) => plainAddress(target) === plainAddress(server))
  if (targets.length <= 1 || own.length === 0) return { pools: all, elsewhere: [] }
  return {
    pools: all.filter(({ target }) => own.includes(target)),
    elsewhere: targets.filter((target) => !own.includes(target)),
  }
}

function plainAddress(target: string): string {
  return target.replace(/^(?:localhost|\[::1\]):/, '127.0.0.1:')
}
