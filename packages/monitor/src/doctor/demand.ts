import type { PoolSnapshot } from '@lifeguard/core'

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
