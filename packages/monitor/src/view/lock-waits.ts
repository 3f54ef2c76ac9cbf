import type { LockWait } from '../server/server-view.ts'

/**
 * Who has a lock, with all that wait for it, also behind others that wait. Who waits itself is left out: it is not to
 * blame.
 */
export function blockersOf(
  waits: readonly LockWait[],
): ReadonlyMap<number, ReadonlyMap<number, LockWait>> {
  const waiting = new Set(waits.map(({ waitingThreadId }) => waitingThreadId))
  const roots = new Set(waits.map(({ blockingThreadId }) => blockingThreadId))
  return new Map(
    [...roots].filter((id) => !waiting.has(id)).map((id) => [id, everybodyBehind(id, waits)]),
  )
}

function everybodyBehind(root: number, waits: readonly LockWait[]): ReadonlyMap<number, LockWait> {
  const behind = new Map<number, LockWait>()
  const blockers = [root]
  for (const blocker of blockers) {
    for (const wait of waits) {
      if (wait.blockingThreadId !== blocker || behind.has(wait.waitingThreadId)) continue
      behind.set(wait.waitingThreadId, wait)
      blockers.push(wait.waitingThreadId)
    }
  }
  return behind
}
