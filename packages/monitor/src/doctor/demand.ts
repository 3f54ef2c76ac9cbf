import type { ProcessReport } from '@lifeguard/core'

/** What pools of one name and size may take from a server, all processes together. */
export interface Demand {
  readonly pool: string
  readonly target: string | undefined
  readonly processes: number
  readonly max: number
  readonly healthCheckInterval: number
}

/** Every pool may open one more connection, to end statements with. */
export const CONTROL = 1

export function connectionsOf({ processes, max }: Demand): number {
  return processes * (max + CONTROL)
}

/** Of what runs. With `processes`, as if there were so many of each. */
export function demandOfReports(
  reports: readonly ProcessReport[],
  processes: number | undefined,
): Demand[] {
  const demands = new Map<string, Demand>()
  for (const { stats, target, settings } of reports.flatMap(({ pools }) => pools)) {
    const { name: pool, max } = stats
    const { healthCheckInterval } = settings
    const key = JSON.stringify([pool, target, max, healthCheckInterval])
    const running = (demands.get(key)?.processes ?? 0) + 1
    demands.set(key, { pool, target, processes: running, max, healthCheckInterval })
  }
  const found = [...demands.values()]
  return processes === undefined ? found : found.map((demand) => ({ ...demand, processes }))
}

/** How many connections to that server the reported pools have now. */
export function heldBy(reports: readonly ProcessReport[], targets: ReadonlySet<string>): number {
  const pools = reports.flatMap((report) => report.pools)
  return pools
    .filter(({ target }) => targets.has(target))
    .reduce((sum, { stats }) => sum + stats.total, 0)
}
