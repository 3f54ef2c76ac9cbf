import type { PoolStats } from '@lifeguard/core'

/** Callers that were turned away before their time was up, whyever. */
export function refusedCallers({ refused }: PoolStats): number {
  return Object.values(refused).reduce((sum, n) => sum + n, 0)
}
