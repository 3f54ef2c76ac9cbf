import type { EvictReason, Slot } from './slot.ts'

export interface RetirementOptions {
  readonly maxLifetime: number
  readonly maxUses: number
  readonly enabled: boolean
}

/** Lifetimes differ by this share, so that connections opened together don't all end together. */
const LIFETIME_JITTER = 0.025

/** When a connection opened now has lived long enough. */
export function expiry(now: number, options: RetirementOptions, random: () => number): number {
  const { maxLifetime } = options
  return maxLifetime > 0 ? now + maxLifetime * (1 - random() * LIFETIME_JITTER) : Infinity
}

/** Why an idle connection must not be lent again, if so. */
export function retiredWhenIdle(slot: Slot, now: number): EvictReason | undefined {
  return slot.doom ?? (now >= slot.expiresAt ? 'max lifetime' : undefined)
}

/** Why a connection that comes back from a use must not stay, if so. */
export function retiredAfterUse(
  slot: Slot,
  now: number,
  { enabled, maxUses }: RetirementOptions,
): EvictReason | undefined {
  if (slot.doom) return slot.doom
  if (!enabled) return 'not pooled'
  if (maxUses > 0 && slot.uses >= maxUses) return 'max uses'
  return now >= slot.expiresAt ? 'max lifetime' : undefined
}
