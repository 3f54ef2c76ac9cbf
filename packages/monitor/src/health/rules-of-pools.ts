import type { LeaseSnapshot, PoolSnapshot, PoolStats } from '@lifeguard/core'

import { amount, duration, percent } from '../text/duration.ts'
import { nameOf, type PoolView } from '../view/view.ts'
import { type Finding, subjectOf } from './finding.ts'

type Words = Pick<Finding, 'severity' | 'code' | 'message' | 'advice' | 'ageMs'>
type PoolTrouble = NonNullable<PoolSnapshot['trouble']>
type Rule = (view: PoolView) => Words | undefined

/** Fewer acquires say little about how often connections are used again. */
const ENOUGH_ACQUIRES = 200
const LOW_REUSE = 0.85
const LONG_ACQUIRE_TIMEOUT_MS = 60_000
/** A busy pool makes somebody wait for some milliseconds all the time, which wakes nobody. */
const LONG_WAIT_MS = 1000
/** While somebody needs a connection, one is tried at least every second. */
const RECENT_MS = 10_000
/** So that who looks once a minute sees it. */
const REFUSED_LATELY_MS = 60_000

/** What is wrong with one pool as a whole. */
export function findingsOfPool(view: PoolView): Finding[] {
  const all = RULES.map((rule) => rule(view)).filter((words) => words !== undefined)
  return all.map((words) => ({ ...words, ...subjectOf(view) }))
}

const RULES: readonly Rule[] = [connecting, refusing, waiting, suspended, lowReuse, off, settings]

function connecting({ pool }: PoolView): Words | undefined {
  const { trouble, target, stats } = pool
  if (stats.effectiveMax < stats.max) return serverFull(stats)
  if (!trouble || (trouble.kind === 'full' && trouble.agoMs >= RECENT_MS)) return undefined
  if (trouble.kind === 'full') return serverFull(stats)
  const { code, agoMs, breakerOpen } = trouble
  if (breakerOpen) {
    return {
      severity: 'critical',
      code: 'breaker-open',
      message: `${target} refuses to connect (${code}); callers are told so at once`,
      advice: adviceFor(code),
    }
  }
  const isRecent = agoMs < RECENT_MS
  const isNeeded = stats.waiting > 0
  const hurts = isNeeded || (isRecent && stats.idle === 0)
  const ago = isRecent ? '' : `, ${duration(agoMs)} ago`
  const since = isRecent || isNeeded ? '' : '; nobody has needed another one since'
  return {
    severity: hurts ? 'critical' : 'warning',
    code: 'cannot-connect',
    message: `${target} ${failureOf(trouble)} (${code})${ago}${since}`,
    advice: adviceFor(code),
  }
}

function failureOf({ kind, code }: PoolTrouble): string {
  if (kind === 'refused') return 'refused to connect'
  return isFromServer(code) ? 'has answered with an error while connecting' : 'could not be reached'
}

function isFromServer(code: string): boolean {
  return code.startsWith('ER_')
}

function serverFull({ effectiveMax, max, total }: PoolStats): Words {
  return {
    severity: 'critical',
    code: 'server-full',
    message: `the server gives no more than ${effectiveMax < max ? effectiveMax : total} of ${max} connections: too many connections`,
    advice: 'Run lifeguard doctor --db: it tells who uses them up, and what to set',
  }
}

function adviceFor(code: string): string {
  switch (code) {
    case 'ER_ACCESS_DENIED_ERROR':
    case 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR':
    case 'ER_DBACCESS_DENIED_ERROR':
      return 'Check the user, the password and its grants; a password that changes can be a function'
    case 'ECONNREFUSED':
      return 'Nobody listens there: is the server up, and are host and port right?'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'The name of the host is not known: check it, and the DNS'
    default:
      if (isFromServer(code)) return 'Look at initSql, onConnect and the options of the connection'
      return 'Is the server up, and is it reached from here? The pool goes on trying by itself'
  }
}

function refusing(view: PoolView): Words | undefined {
  const { pool } = view
  const { refusal, leases } = pool
  // Where it cannot connect, that is why, and told of already.
  if (!refusal || refusal.agoMs >= REFUSED_LATELY_MS || connecting(view)) return undefined
  const { code, agoMs } = refusal
  return {
    severity: 'critical',
    code: 'callers-refused',
    ageMs: Math.round(agoMs),
    message: `callers are turned away ${whyRefused(code, pool)}, the last one ${duration(agoMs)} ago`,
    advice: toDoAboutRefusals(code, leases),
  }
}

function whyRefused(code: string, pool: PoolSnapshot): string {
  switch (code) {
    case 'ERR_ACQUIRE_TIMEOUT':
      return `after acquireTimeout (${duration(pool.settings.acquireTimeout)})`
    case 'ERR_QUEUE_FULL':
      return 'at once, as many wait already as may (queueLimit)'
    case 'ERR_POOL_DEADLOCK':
      return 'where every connection is held by a scope that waits for another one'
    case 'ERR_BREAKER_OPEN':
      return `because ${pool.target} refused to connect`
    default:
      return `(${code})`
  }
}

function toDoAboutRefusals(code: string, leases: readonly LeaseSnapshot[]): string {
  switch (code) {
    case 'ERR_POOL_DEADLOCK':
      return 'Take one connection a scope, not a second one beside it; or raise max'
    case 'ERR_BREAKER_OPEN':
      return 'It accepts connections again. Its log tells why it did not'
    default:
      return `${mostHeld(leases)}. Look for what holds them for long, then at max`
  }
}

function waiting({ pool }: PoolView): Words | undefined {
  const { stats, waiters, leases, trouble, phase } = pool
  const [first] = waiters
  if (!first || phase === 'suspended') return undefined
  const { inUse, busy, connecting: opening, effectiveMax } = stats
  const who = `${amount(waiters.length)} wait, ${nameOf(first)} for ${duration(first.waitedMs)}`
  const isLong = first.waitedMs >= LONG_WAIT_MS
  const ageMs = Math.round(first.waitedMs)
  if (effectiveMax > 0 && inUse + busy >= effectiveMax) {
    const cleaned = busy === 0 ? '' : ` (${busy} of them are being checked, cleaned or closed)`
    return {
      severity: isLong ? 'critical' : 'warning',
      code: 'pool-exhausted',
      ageMs,
      message: `all ${effectiveMax} connections are taken${cleaned} and ${who}`,
      advice: `${mostHeld(leases)}. If that is honest work, raise max; lifeguard doctor tells how far`,
    }
  }
  // Why no connection is to be had is told of already, or it is a matter of milliseconds.
  if (trouble || !isLong) return undefined
  return {
    severity: 'critical',
    code: 'slow-connect',
    ageMs,
    message: `${who}, while ${amount(opening)} connections are being opened and ${amount(busy)} checked or cleaned`,
    advice:
      'The server, or the way there, is slow to answer: look at its load, its DNS and the network',
  }
}

/** `7 of 10 are held by GET /cart, 2 by GET /items`. */
function mostHeld(leases: readonly LeaseSnapshot[]): string {
  const counts = new Map<string, number>()
  for (const lease of leases) counts.set(nameOf(lease), (counts.get(nameOf(lease)) ?? 0) + 1)
  const [most, ...others] = [...counts].sort(([, a], [, b]) => b - a)
  if (!most) return 'Nobody holds one now'
  const next = others.slice(0, 2).map(([label, count]) => `, ${count} by ${label}`)
  return `${most[1]} of ${leases.length} are held by ${most[0]}${next.join('')}`
}

function suspended({ pool }: PoolView): Words | undefined {
  if (pool.phase !== 'suspended') return undefined
  return {
    severity: 'critical',
    code: 'pool-suspended',
    message: 'the pool is suspended: it lends nothing',
    advice: 'Call pool.resume()',
  }
}

function lowReuse({ pool }: PoolView): Words | undefined {
  const { stats, settings: told } = pool
  const fine = stats.acquired < ENOUGH_ACQUIRES || stats.reuseRate >= LOW_REUSE
  if (fine || !told.enabled) return undefined
  const [reason, evictions] = Object.entries(stats.evicted).sort(([, a], [, b]) => b - a)[0]!
  return {
    severity: 'warning',
    code: 'low-reuse',
    message: `only ${percent(stats.reuseRate)} of ${amount(stats.acquired)} acquires found a connection that was there; ${amount(stats.created)} were opened`,
    advice:
      evictions > 0
        ? `Most were let go because of '${reason}' (${amount(evictions)}): look at min, idleTimeout, maxIdle, maxLifetime and maxUses`
        : 'Raise min, so that connections wait for the load instead of the other way round',
  }
}

function off({ pool }: PoolView): Words | undefined {
  if (pool.settings.enabled) return undefined
  return {
    severity: 'warning',
    code: 'pooling-off',
    message: 'pooling is switched off: every use opens a connection of its own',
    advice:
      'Remove DB_POOL_ENABLED=false (enabled: false) as soon as you need not go back any more',
  }
}

function settings({ pool }: PoolView): Words | undefined {
  const { acquireTimeout, maxLifetime, healthCheckInterval } = pool.settings
  const wrong = [
    acquireTimeout >= LONG_ACQUIRE_TIMEOUT_MS &&
      `acquireTimeout lets callers wait for ${duration(acquireTimeout)} before they are told; few clients do`,
    maxLifetime === 0 &&
      'maxLifetime is 0: connections are never replaced, so they stay with an old server for ever',
    healthCheckInterval === 0 && 'healthCheckInterval is 0: dead idle connections are found late',
  ].filter((text) => text !== false)
  if (wrong.length === 0) return undefined
  return {
    severity: 'warning',
    code: 'settings',
    message: wrong.join('; '),
    advice: 'See docs/reference/options.md for the defaults, which are safe',
  }
}
