import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_EVERY = 50

/** Resolves with true when `progress` reaches `goal`, with false when it has not moved for `patience` ms. */
export async function reached(
  progress: () => number,
  goal: number,
  patience: number,
): Promise<boolean> {
  let last = progress()
  let movedAt = performance.now()
  while (progress() < goal) {
    await sleep(LOOK_EVERY)
    if (progress() !== last) {
      last = progress()
      movedAt = performance.now()
    }
    if (performance.now() - movedAt > patience) return false
  }
  return true
}
