import type { Pool } from '../pool.ts'

const pools = new Set<Pool>()

/** The pools of this process that have not ended, in the order in which they were made. */
export function livePools(): readonly Pool[] {
  return [...pools]
}

export function addLivePool(pool: Pool): void {
  pools.add(pool)
}

export function removeLivePool(pool: Pool): void {
  pools.delete(pool)
}
