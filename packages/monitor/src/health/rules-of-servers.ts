import { amount, duration, percent } from '../text/duration.ts'
import type { View } from '../view/view.ts'
import { type Finding, subjectOf } from './finding.ts'
import { adviceToCheck, checksInTime } from './wait-timeout.ts'

/** Of `max_connections`. */
const NEARLY_FULL = 0.85

/** What is wrong at the server, and between it and the pools. */
export function findingsOfServer(view: View): Finding[] {
  if (view.serverProblem !== undefined) {
    return [
      {
        severity: 'critical',
        code: 'server-unseen',
        message: view.serverProblem,
        advice: 'Without it, only the side of the pools is shown',
      },
    ]
  }
  return [...nearlyFull(view), ...shortWaitTimeout(view), ...otherServer(view)]
}

function nearlyFull({ server }: View): Finding[] {
  if (!server) return []
  const { threadsConnected, refusedConnections } = server.use
  const { maxConnections } = server.limits
  if (threadsConnected < NEARLY_FULL * maxConnections) return []
  const refused =
    refusedConnections > 0 ? `; ${amount(refusedConnections)} were refused so far` : ''
  return [
    {
      severity: threadsConnected >= maxConnections ? 'critical' : 'warning',
      code: 'server-nearly-full',
      message: `${threadsConnected} of max_connections ${maxConnections} are taken (${percent(threadsConnected / maxConnections)})${refused}`,
      advice: 'Run lifeguard doctor --db: it tells who uses them up, and what to set',
    },
  ]
}

/** The server would close connections that the pool believes to be good. */
function shortWaitTimeout({ server, pools }: View): Finding[] {
  if (!server) return []
  const { waitTimeoutMs } = server.limits
  return pools
    .filter(({ pool: { settings }, atServer }) => {
      const { healthCheckInterval } = settings
      // That it is switched off is told of anyway.
      return (
        atServer && healthCheckInterval > 0 && !checksInTime(healthCheckInterval, waitTimeoutMs)
      )
    })
    .map((pool) => ({
      severity: 'warning',
      code: 'settings',
      ...subjectOf(pool),
      message: `the server closes idle connections after ${duration(waitTimeoutMs)} (wait_timeout), before the pool has checked them`,
      advice: adviceToCheck(waitTimeoutMs),
    }))
}

/** None of the pools is at the server that was asked, so that nothing of the two sides is put together. */
function otherServer({ server, pools }: View): Finding[] {
  if (!server || pools.length === 0 || pools.some(({ atServer }) => atServer)) return []
  const targets = [...new Set(pools.map(({ pool }) => pool.target))]
  return [
    {
      severity: 'warning',
      code: 'other-server',
      message: `the pools are at ${targets.join(', ')}, and ${server.target} was asked: whose its connections are cannot be told`,
      advice: 'Give --db the address that the pools have, or one that leads to the same',
    },
  ]
}
