import { createPool, type Pool } from '@lifeguard/core'

import { fingerprint, type Fingerprint } from './fingerprint.ts'
import type { Kind } from './kind.ts'
import { DATABASE, type World } from './world.ts'

/** Where a pool for this kind connects to, and how. */
export function optionsFor(kind: Kind, world: World): { uri: string } & Kind['options'] {
  const uri = world.server.uri(kind.withoutDatabase ? undefined : DATABASE)
  return { uri, ...kind.options }
}

/** A pool of one connection, so that the second borrower gets the first one's. */
export function poolOfOne(kind: Kind, world: World): Pool {
  return createPool({ min: 0, max: 1, settleTimeout: 2000, ...optionsFor(kind, world) })
}

type Look = (kind: Kind, world: World) => Promise<Fingerprint>

/** A look that is taken once in each world for all kinds that connect alike. */
export function rememberedLook(look: Look): Look {
  const worlds = new WeakMap<World, Map<string, Promise<Fingerprint>>>()
  return (kind, world) => {
    const known = worlds.get(world) ?? new Map<string, Promise<Fingerprint>>()
    worlds.set(world, known)
    const key = JSON.stringify(optionsFor(kind, world), (_, value: unknown) =>
      typeof value === 'function' ? String(value) : value,
    )
    const found = known.get(key) ?? look(kind, world)
    known.set(key, found)
    return found
  }
}

/** The fingerprint of a session that nobody has used before. */
export const witness: Look = rememberedLook(async (kind, world) => {
  const pool = poolOfOne(kind, world)
  try {
    return await pool.use((lease) => fingerprint(lease, world))
  } finally {
    await pool.end()
  }
})
