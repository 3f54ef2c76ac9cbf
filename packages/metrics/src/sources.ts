import { livePools, type Pool } from '@lifeguard/core'

import type { Attributes } from './definition.ts'

/** One call of an exporter: which pools it tells of, and what it adds to them. */
export interface Source {
  pools(): readonly Pool[]
  readonly constants: Attributes
  readonly hikari: boolean
}

export function sourceOf(
  pools: readonly Pool[] | undefined,
  constants: Attributes = {},
  hikari = false,
): Source {
  return { pools: () => pools ?? livePools(), constants, hikari }
}

/** Every pool of several calls once, as the latest one of them that has it tells of it. */
export function claimed(sources: Iterable<Source>): Map<Pool, Source> {
  const claims = new Map<Pool, Source>()
  for (const source of sources) {
    for (const pool of source.pools()) {
      // Names that somebody has asked for stay.
      const wantsHikari = claims.get(pool)?.hikari && !source.hikari
      claims.set(pool, wantsHikari ? { ...source, hikari: true } : source)
    }
  }
  return claims
}
