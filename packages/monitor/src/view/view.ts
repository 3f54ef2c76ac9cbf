import type { LeaseSnapshot, PoolSnapshot, ProcessFacts, WaiterSnapshot } from '@lifeguard/core'

import { isSeen, isSilent, type Sighting, type Silent } from '../find/sighting.ts'
import type { LockWait, ServerSession, ServerView } from '../server/server-view.ts'

/** Everything that is seen at one instant, turned from processes to pools and their holders. */
export interface View {
  /** Milliseconds since 1970. */
  readonly takenAt: number
  readonly sightings: readonly Sighting[]
  readonly silent: readonly Silent[]
  readonly pools: readonly PoolView[]
  readonly server: ServerView | undefined
  /** Why there is no server's side, where one was asked for. */
  readonly serverProblem: string | undefined
}

export interface PoolView {
  /** The same from one view to the next, unless pools of one name come and go in one process. */
  readonly key: string
  readonly source: string
  readonly process: ProcessFacts
  readonly pool: PoolSnapshot
  readonly holders: readonly Holder[]
}

export interface Holder {
  readonly key: string
  readonly pool: PoolView
  readonly lease: LeaseSnapshot
  /** What the server says of its connection. */
  readonly session: ServerSession | undefined
  /** Who waits for a lock that it has. */
  readonly blocks: readonly Blocked[]
}

interface Blocked {
  readonly threadId: number
  readonly waitedMs: number
  /** Empty where it is none of ours. */
  readonly label: string
}

export function makeView(
  takenAt: number,
  sightings: readonly Sighting[],
  server: ServerView | undefined,
  serverProblem?: string,
): View {
  const seen = sightings.filter(isSeen)
  const labels = new Map<number, string>()
  for (const { report } of seen) {
    for (const pool of report.pools) {
      for (const lease of pool.leases) labels.set(lease.threadId, nameOf(lease))
    }
  }
  return {
    takenAt,
    sightings,
    silent: sightings.filter(isSilent),
    pools: seen.flatMap(({ source, report }) =>
      report.pools.map((pool, i) => {
        const { name } = pool.stats
        const before = report.pools.slice(0, i).filter(({ stats }) => stats.name === name).length
        // A process that was started anew behind a URL is another one.
        const key = JSON.stringify([source, report.process.pid, name, before])
        return lookAtPool({ key, source, process: report.process, pool }, server, labels)
      }),
    ),
    server,
    serverProblem,
  }
}

/** For people, also where nobody has given a name. */
export function nameOf({ label }: LeaseSnapshot | WaiterSnapshot): string {
  return label === '' ? '(no label)' : label
}

/** Of all pools, those who have held a connection for longest first. */
export function holdersOf(view: View): Holder[] {
  return view.pools.flatMap(({ holders }) => holders).sort(byTimeHeld)
}

export function byTimeHeld(a: Holder, b: Holder): number {
  return b.lease.heldMs - a.lease.heldMs
}

/** Every process that was seen, and every thread of one that has pools of its own. */
export function processesOf(view: View): readonly ProcessFacts[] {
  return view.sightings.filter(isSeen).map(({ report }) => report.process)
}

function lookAtPool(
  base: Omit<PoolView, 'holders'>,
  server: ServerView | undefined,
  labels: ReadonlyMap<number, string>,
): PoolView {
  const holders: Holder[] = []
  const view: PoolView = { ...base, holders }
  for (const lease of base.pool.leases) {
    const { threadId } = lease
    const session = server?.sessions.find((one) => one.threadId === threadId)
    // Another server may have the same number for another connection.
    const joined = session?.database === base.pool.database ? session : undefined
    const blocks = joined ? blockedBy(threadId, server!.lockWaits, labels) : []
    holders.push({ key: `${base.key}/${threadId}`, pool: view, lease, session: joined, blocks })
  }
  return view
}

/** Who waits for it, also behind others that wait for it. Of who waits itself, nothing: it is not to blame. */
function blockedBy(
  threadId: number,
  waits: readonly LockWait[],
  labels: ReadonlyMap<number, string>,
): Blocked[] {
  if (waits.some(({ waitingThreadId }) => waitingThreadId === threadId)) return []
  const blocked = new Map<number, LockWait>()
  const blockers = [threadId]
  for (const blocker of blockers) {
    for (const wait of waits) {
      if (wait.blockingThreadId !== blocker || blocked.has(wait.waitingThreadId)) continue
      blocked.set(wait.waitingThreadId, wait)
      blockers.push(wait.waitingThreadId)
    }
  }
  return Array.from(blocked.values(), ({ waitingThreadId, waitedMs }) => ({
    threadId: waitingThreadId,
    waitedMs,
    label: labels.get(waitingThreadId) ?? '',
  }))
}
