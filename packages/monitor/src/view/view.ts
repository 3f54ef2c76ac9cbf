import { hostname } from 'node:os'

import type { LeaseSnapshot, PoolSnapshot, ProcessFacts, WaiterSnapshot } from '@lifeguard/core'

import { isSeen, isSilent, type Seen, type Sighting, type Silent } from '../find/sighting.ts'
import type { LockWait, ServerSession, ServerView } from '../server/server-view.ts'
import type { ServerSight } from '../server/server-watch.ts'
import { blockersOf } from './lock-waits.ts'

/** Everything that is seen at one instant, turned from processes to pools and their holders. */
export interface View {
  /** Milliseconds since 1970. */
  readonly takenAt: number
  readonly seen: readonly Seen[]
  readonly silent: readonly Silent[]
  readonly pools: readonly PoolView[]
  readonly server: ServerView | undefined
  /** Why there is no server's side, where one was asked for. */
  readonly serverProblem: string | undefined
  /** Of the connections that the server lists, those that are our pools', by their thread. */
  readonly owners: ReadonlyMap<number, Owner>
  /** Who has a lock that others wait for, ours or not, by its thread. */
  readonly blockers: ReadonlyMap<number, readonly Blocked[]>
}

export interface PoolView {
  /** The same from one view to the next, unless pools of one name come and go in one process. */
  readonly key: string
  readonly source: string
  readonly process: ProcessFacts
  readonly pool: PoolSnapshot
  readonly holders: readonly Holder[]
  /** Whether its server is the one that was asked, by its address. */
  readonly atServer: boolean
}

export interface Holder {
  /** Of this lease: the next one on the same connection has another. */
  readonly key: string
  readonly pool: PoolView
  readonly lease: LeaseSnapshot
  /** What the server says of its connection. */
  readonly session: ServerSession | undefined
}

/** Whose a connection is. */
interface Owner {
  readonly pool: PoolView
  /** Undefined where it is not lent. */
  readonly holder: Holder | undefined
}

export interface Blocked {
  readonly waitedMs: number
  /** Who waits, for people. */
  readonly name: string
}

/** `targets`: the addresses of pools that are those of the server. */
export function makeView(
  takenAt: number,
  sightings: readonly Sighting[],
  { server, problem }: Partial<ServerSight> = {},
  targets: ReadonlySet<string> = new Set(),
): View {
  const seen = sightings.filter(isSeen)
  const sessions = new Map(server?.sessions.map((session) => [session.threadId, session]))
  const pools = poolsOf(seen, targets, sessions)
  const owners = ownersOf(pools, sessions)
  return {
    takenAt,
    seen,
    silent: sightings.filter(isSilent),
    pools,
    server,
    serverProblem: problem,
    owners,
    blockers: blockersAmong(server?.lockWaits ?? [], sessions, owners),
  }
}

/** For people: who has the connection, the pool that has it in store, or whoever else it is. */
export function ownerName(session: ServerSession, owners: View['owners']): string {
  const owner = owners.get(session.threadId)
  if (!owner) return `${session.user}@${session.host}`
  return owner.holder ? nameOf(owner.holder.lease) : `${owner.pool.pool.stats.name} (not lent)`
}

/** For people, also where nobody has given a name. */
export function nameOf({ label }: LeaseSnapshot | WaiterSnapshot): string {
  return label === '' ? '(no label)' : label
}

/** The machine or container of a process; undefined where it is the one that we are on. */
export function foreignHost({ host }: ProcessFacts): string | undefined {
  return host === hostname() ? undefined : host
}

/** Of all pools, those who have held a connection for longest first. */
export function holdersOf(view: View): Holder[] {
  return view.pools.flatMap(({ holders }) => holders).sort(byTimeHeld)
}

export function byTimeHeld(a: Holder, b: Holder): number {
  return b.lease.heldMs - a.lease.heldMs
}

type Sessions = ReadonlyMap<number, ServerSession>

function poolsOf(
  seen: readonly Seen[],
  targets: ReadonlySet<string>,
  sessions: Sessions,
): PoolView[] {
  return seen.flatMap(({ source, report: { process, pools } }) =>
    pools.map((pool, i) => {
      const { name } = pool.stats
      const before = pools.slice(0, i).filter(({ stats }) => stats.name === name).length
      // A process that was started anew behind a URL is another one.
      const key = JSON.stringify([source, process.pid, name, before])
      const holders: Holder[] = []
      const atServer = targets.has(pool.target)
      const view: PoolView = { key, source, process, pool, holders, atServer }
      for (const lease of pool.leases) {
        const { threadId, sinceMs } = lease
        const session = sessionOf(view, threadId, sessions)
        holders.push({ key: `${key}/${threadId}/${sinceMs}`, pool: view, lease, session })
      }
      return view
    }),
  )
}

/** What the server says of a connection of that pool's. Another server may have the same number for another one. */
function sessionOf(
  { atServer }: PoolView,
  threadId: number,
  sessions: Sessions,
): ServerSession | undefined {
  return atServer ? sessions.get(threadId) : undefined
}

function ownersOf(pools: readonly PoolView[], sessions: Sessions): Map<number, Owner> {
  const owners = new Map<number, Owner>()
  for (const pool of pools) {
    const holders = new Map(pool.holders.map((holder) => [holder.lease.threadId, holder]))
    for (const threadId of pool.pool.threadIds) {
      if (!sessionOf(pool, threadId, sessions)) continue
      owners.set(threadId, { pool, holder: holders.get(threadId) })
    }
  }
  return owners
}

function blockersAmong(
  waits: readonly LockWait[],
  sessions: Sessions,
  owners: View['owners'],
): Map<number, readonly Blocked[]> {
  return new Map(
    Array.from(blockersOf(waits), ([threadId, behind]) => [
      threadId,
      Array.from(behind.values(), ({ waitingThreadId, waitedMs }) => {
        const session = sessions.get(waitingThreadId)
        return {
          waitedMs,
          name: session ? ownerName(session, owners) : `thread ${waitingThreadId}`,
        }
      }),
    ]),
  )
}
