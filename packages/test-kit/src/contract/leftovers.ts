import type { Test } from 'tap'

import type { ContractPool, ContractScope } from './types.ts'
import type { World } from './world.ts'

export interface ToCheck {
  /** How many leases each of them takes. */
  readonly leases: number
  /** Whether they get so far as to begin. Default: true. */
  readonly begins?: boolean | undefined
  /** Done before they come; what it answers with is done after them. */
  readonly prepare?: ((pool: ContractPool) => Promise<() => Promise<void>>) | undefined
}

/**
 * Has two requests or jobs come to their end at the same time. However they do: what was lent is back once, what
 * was not committed is undone, its row is free, and the scope is of no use any more.
 */
export async function leavesNothing(
  t: Test,
  world: World,
  { leases, begins = true, prepare }: ToCheck,
  act: (marker: string) => Promise<void>,
): Promise<void> {
  await world.settled()
  const markers = [await world.open(), await world.open()]
  const finish = await prepare?.(world.pool)
  const before = world.pool.stats().acquired
  await Promise.all(markers.map(act))
  await finish?.()
  await world.settled()
  t.equal(world.pool.stats().acquired - before, 2 * leases, 'leases')
  if (!begins) return
  for (const marker of markers) {
    t.equal(await world.balance(marker), 100, 'rolled back')
    t.ok(await world.rowIsFree(marker), 'the row is free')
    t.equal(await codeOfLateUse(world.scope(marker)), 'ERR_SCOPE_ENDED', 'late use')
  }
}

async function codeOfLateUse(db: ContractScope): Promise<string | undefined> {
  return db.query('SELECT 1').then(
    () => undefined,
    (error: { code?: string }) => error.code,
  )
}
