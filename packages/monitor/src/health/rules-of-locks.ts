import { duration } from '../text/duration.ts'
import { type Blocked, nameOf, ownerName, type View } from '../view/view.ts'
import { type Finding, subjectOf, type Thresholds } from './finding.ts'

/** Who keeps others waiting at the server, whether it is ours or not. */
export function findingsOfLocks(view: View, thresholds: Thresholds): Finding[] {
  return [
    ...Array.from(view.blockers, ([threadId, blocked]) => lockWait(view, threadId, blocked)),
    ...tableLockWait(view, thresholds),
  ]
}

function lockWait(view: View, threadId: number, blocked: readonly Blocked[]): Finding {
  const waitedMs = Math.max(...blocked.map((one) => one.waitedMs))
  const names = listOf(blocked.map(({ name }) => name))
  return {
    severity: 'critical',
    code: 'lock-wait',
    ...blamed(view, threadId),
    ageMs: waitedMs,
    message: `${blockerName(view, threadId)} has a lock for which ${blocked.length} wait (${names}), the longest for ${duration(waitedMs)}`,
    advice: `End its transaction sooner. KILL ${threadId} frees the lock now`,
  }
}

function blamed({ owners }: View, threadId: number): Partial<Finding> {
  const { pool, holder } = owners.get(threadId) ?? {}
  return {
    ...(pool && subjectOf(pool)),
    ...(holder && { owner: holder.lease.label, connections: 1 }),
  }
}

function blockerName({ owners, server }: View, threadId: number): string {
  const holder = owners.get(threadId)?.holder
  if (holder) return nameOf(holder.lease)
  const session = server?.sessions.find((one) => one.threadId === threadId)
  if (!session) return `thread ${threadId}`
  const does =
    session.command === 'Sleep' ? `idle for ${duration(session.timeMs)}` : session.command
  return `thread ${threadId} of ${ownerName(session, owners)} (${does})`
}

/** The states of the process list in which a statement waits for somebody's lock on more than rows. */
const WAITS_FOR_TABLE = /^Waiting for .*(?:lock|flush)$/i
const CHANGES_TABLE = /^(?:alter|create|drop|optimize|rename|repair|truncate)\b/i

/** A change of a table that waits for an open transaction, and makes everybody wait who comes after it. */
function tableLockWait({ server, owners }: View, { slow }: Thresholds): Finding[] {
  const waiting = (server?.sessions ?? [])
    .filter(({ state, timeMs }) => WAITS_FOR_TABLE.test(state) && timeMs >= slow)
    .sort((a, b) => b.timeMs - a.timeMs)
  const [first] = waiting
  if (!first) return []
  const names = listOf(waiting.map((session) => ownerName(session, owners)))
  return [
    {
      severity: 'critical',
      code: 'table-lock-wait',
      ageMs: first.timeMs,
      message: `${waiting.length} wait for a lock on a table (${names}), the longest for ${duration(first.timeMs)}: ${first.statement ?? first.state}`,
      advice: CHANGES_TABLE.test(first.statement ?? '')
        ? `It waits for every transaction that has used the table: end the oldest one, or it, by KILL ${first.threadId}`
        : 'Somebody changes or has locked the table (ALTER TABLE, LOCK TABLES, FLUSH TABLES): look for who, and end that',
    },
  ]
}

function listOf(names: readonly string[]): string {
  const different = [...new Set(names)]
  const more = different.length > 2 ? ` and ${different.length - 2} more` : ''
  return different.slice(0, 2).join(', ') + more
}
