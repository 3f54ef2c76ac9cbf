import type { Finding } from '../health/finding.ts'
import { adviceToCheck, checksInTime } from '../health/wait-timeout.ts'
import type { ServerView } from '../server/server-view.ts'
import { amount, duration } from '../text/duration.ts'
import { connectionsOf, CONTROL, type Demand } from './demand.ts'

type Complaint = Pick<Finding, 'severity' | 'message' | 'advice'>

/** The arithmetic, and what follows from it. */
export interface Examination {
  readonly demands: readonly Demand[]
  /** Connections that the pools may open, all together. */
  readonly needed: number
  /** What the server allows one user, or all. */
  readonly allowed: number
  /** Which of its variables says so. */
  readonly allowedBy: 'max_connections' | 'max_user_connections'
  /** Connections that are not the pools', as far as that is known. */
  readonly others: number
  /** Kept free for deploys, migrations and people. */
  readonly spare: number
  /** For the pools. */
  readonly left: number
  readonly fits: boolean
  /** `max` of each pool with which all would fit; absent where none would. */
  readonly suggestedMax: number | undefined
  /** `max_connections` with which all would fit. */
  readonly suggestedMaxConnections: number
  readonly complaints: readonly Complaint[]
}

const SPARE_SHARE = 0.1
const LEAST_SPARE = 5
const NEARLY_ALL = 0.9

export interface Patient {
  readonly demands: readonly Demand[]
  readonly server: ServerView
  /** Connections of the pools that are open now; they are not others'. */
  readonly held: number
  /** Other connections of such pools that are open now: they are among what the pools may open. */
  readonly counted?: number
}

/** Whether all pools, full, fit into the server. */
export function examine({ demands, server, held, counted = 0 }: Patient): Examination {
  const { allowed, allowedBy, others, spare, left } = budgetOf(server, held + counted)
  const needed = demands.reduce((sum, demand) => sum + connectionsOf(demand), 0)
  const pools = demands.reduce((sum, { processes }) => sum + processes, 0)
  const suggested = Math.floor(left / Math.max(1, pools)) - CONTROL
  const arithmetic = {
    demands,
    needed,
    allowed,
    allowedBy,
    others,
    spare,
    left,
    fits: needed <= left,
    suggestedMax: suggested >= 1 ? suggested : undefined,
    suggestedMaxConnections: spare > 0 ? withSpare(needed + others) : needed,
  }
  return { ...arithmetic, complaints: complain(arithmetic, server) }
}

type Budget = Pick<Examination, 'allowed' | 'allowedBy' | 'others' | 'spare' | 'left'>

/** Of what the server allows all, and what it allows one user, that which leaves less. */
function budgetOf({ limits, use }: ServerView, ours: number): Budget {
  const { maxConnections, maxUserConnections } = limits
  // The connection that asks is one of them.
  const others = Math.max(0, use.threadsConnected - ours - 1)
  const spare = Math.max(LEAST_SPARE, Math.ceil(maxConnections * SPARE_SHARE))
  const left = Math.max(0, maxConnections - others - spare)
  if (maxUserConnections > 0 && maxUserConnections < left) {
    const allowedBy = 'max_user_connections'
    return { allowed: maxUserConnections, allowedBy, others: 0, spare: 0, left: maxUserConnections }
  }
  return { allowed: maxConnections, allowedBy: 'max_connections', others, spare, left }
}

/** How many must be allowed, so that so many can be taken and the reserve is left. */
function withSpare(taken: number): number {
  return Math.max(taken + LEAST_SPARE, Math.ceil(taken / (1 - SPARE_SHARE)))
}

function complain(arithmetic: Omit<Examination, 'complaints'>, server: ServerView): Complaint[] {
  return [
    tooMany(arithmetic),
    refused(server),
    nearlyReached(server),
    ...arithmetic.demands.map((demand) => closedWhileIdle(demand, server)),
  ].filter((complaint) => complaint !== undefined)
}

function tooMany(arithmetic: Omit<Examination, 'complaints'>): Complaint | undefined {
  const { fits, needed, left, allowed, allowedBy, suggestedMax, suggestedMaxConnections } =
    arithmetic
  if (fits) return undefined
  const smaller =
    suggestedMax === undefined
      ? 'Run fewer processes'
      : `Set max (DB_POOL_MAX) to ${suggestedMax} at most in each pool`
  return {
    severity: needed > allowed ? 'critical' : 'warning',
    message:
      needed > allowed
        ? `The pools may open ${needed} connections, and ${allowedBy} is ${allowed}: under load the server will say "Too many connections"`
        : `The pools may open ${needed} connections, and only ${left} are left for them beside others and a reserve`,
    advice: `${smaller}, or ${allowedBy} to ${suggestedMaxConnections} or more`,
  }
}

function refused({ use, limits }: ServerView): Complaint | undefined {
  if (use.refusedConnections === 0) return undefined
  return {
    severity: 'warning',
    message: `The server has refused ${amount(use.refusedConnections)} connections since its start, because max_connections (${limits.maxConnections}) was reached`,
    advice: 'It has happened before: see who holds them with lifeguard monitor --db',
  }
}

function nearlyReached({ use, limits }: ServerView): Complaint | undefined {
  if (use.refusedConnections > 0 || use.maxUsedConnections < NEARLY_ALL * limits.maxConnections) {
    return undefined
  }
  return {
    severity: 'warning',
    message: `At one time ${use.maxUsedConnections} of ${limits.maxConnections} connections were in use (Max_used_connections)${use.maxUsedConnections < limits.maxConnections ? '' : ': others may have been refused'}`,
    advice:
      'It was close: lower the sizes of the pools, or raise max_connections, before the load grows',
  }
}

function closedWhileIdle(demand: Demand, { limits }: ServerView): Complaint | undefined {
  const { pool, healthCheckInterval: interval } = demand
  const { waitTimeoutMs } = limits
  if (checksInTime(interval, waitTimeoutMs)) return undefined
  return {
    severity: 'warning',
    message: `The server closes connections that are idle for ${duration(waitTimeoutMs)} (wait_timeout), and the pool ${pool} checks them ${interval === 0 ? 'never' : `every ${duration(interval)}`}`,
    advice: adviceToCheck(waitTimeoutMs),
  }
}
