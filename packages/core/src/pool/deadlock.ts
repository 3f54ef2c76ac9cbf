import type { Inventory } from './inventory.ts'

/**
 * Whether everybody waits for somebody who waits: all connections are lent, and each to a scope that is
 * itself waiting for another one. `perhaps`: so it is, but a statement still runs on one of them, and its
 * end may bring a release.
 */
export function isDeadlocked(inventory: Inventory, max: number): 'no' | 'perhaps' | 'yes' {
  const lent = inventory.count('inUse')
  if (lent === 0 || lent < inventory.total || lent < max) return 'no'
  let running = false
  for (const { lease, session } of inventory.in('inUse')) {
    const owner = lease?.owner
    if (!owner || owner.waiting === 0) return 'no'
    running ||= session!.report().busy
  }
  return running ? 'perhaps' : 'yes'
}
