import type { LeaseSnapshot } from '@lifeguard/core'

import { duration } from '../text/duration.ts'
import { nameOf, type PoolView } from '../view/view.ts'
import { type Finding, type FindingCode, subjectOf, type Thresholds } from './finding.ts'

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
  return Array.from(groups.values(), ({ code, leases }) => findingOf(view, code, leases))
}

type HolderCode = Extract<FindingCode, 'long-query' | 'idle-in-transaction' | 'leak-suspected'>

function troubleOf(lease: LeaseSnapshot, thresholds: Thresholds): HolderCode | undefined {
  const { state, stateMs, suspected } = lease
  if (state === 'running' && stateMs >= thresholds.slow) return 'long-query'
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
    advice: `${firstLook(worst)}; statementTimeout would end it. KILL QUERY ${worst.threadId} ends it now`,
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

function firstLook({ statement = '' }: LeaseSnapshot): string {
  if (/(?<![.`])\bget_lock\(/i.test(statement)) {
    return 'SELECT IS_USED_LOCK with the name of the lock tells which thread has it'
  }
  if (/^(?:\(|select|insert|update|delete|replace|with)/i.test(statement)) return 'EXPLAIN it'
  return 'Look at the locks and the disk of the server'
}

function findingOf(view: PoolView, code: HolderCode, leases: readonly LeaseSnapshot[]): Finding {
  const [worst, ...others] = [...leases].sort((a, b) => b.stateMs - a.stateMs)
  const more = others.length === 0 ? '' : ` (and ${others.length} more connections alike)`
  return {
    severity: 'warning',
    code,
    ...subjectOf(view),
    owner: worst!.label,
    connections: leases.length,
    ageMs: Math.round(code === 'leak-suspected' ? worst!.heldMs : worst!.stateMs),
    ...WORDS[code](worst!, more),
  }
}

/** The line of the app that took it, where the pool was told to remember: `. It was taken at src/cart.js:12`. */
function originOf({ stack }: LeaseSnapshot): string {
  const place = /((?:[^/\\() ]+[/\\])?[^/\\() ]+:\d+):\d+\)?$/.exec(
    stack?.split('\n')[0] ?? '',
  )?.[1]
  return place === undefined ? '' : `. It was taken at ${place}`
}
