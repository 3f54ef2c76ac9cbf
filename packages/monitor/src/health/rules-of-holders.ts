import type { LeaseSnapshot } from '@lifeguard/core'

import { duration } from '../text/duration.ts'
import { type Holder, nameOf, type PoolView } from '../view/view.ts'
import type { Finding, FindingCode, Thresholds } from './finding.ts'

/** What is wrong with the holders of a pool's connections: one finding for each owner and kind of trouble. */
export function findingsOfHolders(view: PoolView, thresholds: Thresholds): Finding[] {
  const groups = new Map<string, { readonly code: HolderCode; readonly leases: LeaseSnapshot[] }>()
  for (const { lease } of view.holders) {
    const code = troubleOf(lease, thresholds)
    if (!code) continue
    const key = `${code} ${lease.label}`
    const group = groups.get(key) ?? { code, leases: [] }
    group.leases.push(lease)
    groups.set(key, group)
  }
  const ofGroups = Array.from(groups.values(), ({ code, leases }) => findingOf(view, code, leases))
  return [...view.holders.flatMap(lockWait), ...ofGroups]
}

type HolderCode = Extract<FindingCode, 'long-query' | 'idle-in-transaction' | 'leak-suspected'>

function troubleOf(lease: LeaseSnapshot, thresholds: Thresholds): HolderCode | undefined {
  const { state, stateMs, suspected } = lease
  if (state === 'running') return stateMs >= thresholds.slow ? 'long-query' : undefined
  if (state === 'transaction' && stateMs >= thresholds.idleInTransaction) {
    return 'idle-in-transaction'
  }
  const unused = state === 'idle' && stateMs >= thresholds.unused
  return unused || suspected ? 'leak-suspected' : undefined
}

const WORDS: Readonly<
  Record<HolderCode, (worst: LeaseSnapshot, more: string) => { message: string; advice: string }>
> = {
  'long-query': (worst, more) => ({
    message: `${nameOf(worst)} runs a statement for ${duration(worst.stateMs)}${more}: ${worst.statement ?? 'a command'}`,
    advice: `${explainable(worst) ? 'EXPLAIN it; the' : 'Look at the locks and the disk of the server; the'} option statementTimeout would end it. KILL QUERY ${worst.threadId} ends it now`,
  }),

  'idle-in-transaction': (worst, more) => ({
    message: `${nameOf(worst)} has a transaction open for ${duration(worst.transactionMs ?? 0)} and does nothing in it for ${duration(worst.stateMs)}${more}; its locks block others`,
    advice: `Inside a transaction, wait for nothing but the database; a timeout ends it. KILL ${worst.threadId} rolls it back now`,
  }),

  'leak-suspected': (worst, more) => ({
    message: `${nameOf(worst)} holds a connection for ${duration(worst.heldMs)}, unused for ${duration(worst.stateMs)}${more}`,
    advice: `A leak, or slow other work: answer, release, or set a timeout; hold: 'transaction' holds nothing meanwhile${originOf(worst)}`,
  }),
}

function explainable({ statement = '' }: LeaseSnapshot): boolean {
  return /^(?:\(|select|insert|update|delete|replace|with)/i.test(statement)
}

function findingOf(
  { pool, process }: PoolView,
  code: HolderCode,
  leases: readonly LeaseSnapshot[],
): Finding {
  const [worst, ...others] = [...leases].sort((a, b) => b.stateMs - a.stateMs)
  const more = others.length === 0 ? '' : ` (and ${others.length} more connections alike)`
  return {
    severity: 'warning',
    code,
    pool: pool.stats.name,
    pid: process.pid,
    owner: worst!.label,
    connections: leases.length,
    ageMs: Math.round(code === 'leak-suspected' ? worst!.heldMs : worst!.stateMs),
    ...WORDS[code](worst!, more),
  }
}

function lockWait({ pool, lease, blocks }: Holder): Finding[] {
  if (blocks.length === 0) return []
  const waiting = blocks.map(({ label, threadId }) => label || `thread ${threadId}`)
  const waitedMs = Math.max(...blocks.map((blocked) => blocked.waitedMs))
  return [
    {
      severity: 'critical',
      code: 'lock-wait',
      pool: pool.pool.stats.name,
      pid: pool.process.pid,
      owner: lease.label,
      connections: 1,
      ageMs: waitedMs,
      message: `${nameOf(lease)} has a lock for which ${waiting.length} wait (${listOf(waiting)}), the longest for ${duration(waitedMs)}`,
      advice: `End its transaction sooner. KILL ${lease.threadId} frees the lock now`,
    },
  ]
}

function listOf(names: readonly string[]): string {
  const different = [...new Set(names)]
  const more = different.length > 2 ? ` and ${different.length - 2} more` : ''
  return different.slice(0, 2).join(', ') + more
}

/** The line of the app that took it, where the pool was told to remember: `. It was taken at src/cart.js:12`. */
function originOf({ stack }: LeaseSnapshot): string {
  const place = /((?:[^/\\() ]+[/\\])?[^/\\() ]+:\d+):\d+\)?$/.exec(
    stack?.split('\n')[0] ?? '',
  )?.[1]
  return place === undefined ? '' : `. It was taken at ${place}`
}
