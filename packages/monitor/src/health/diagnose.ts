import type { View } from '../view/view.ts'
import { DEFAULT_THRESHOLDS, type Finding, type Health, type Thresholds } from './finding.ts'
import { findingsOfHolders } from './rules-of-holders.ts'
import { findingsOfLocks } from './rules-of-locks.ts'
import { findingsOfPool } from './rules-of-pools.ts'
import { findingsOfServer } from './rules-of-servers.ts'

/** Everything that is not as it should be, the worst first, and of the same kind the oldest. */
export function diagnose(view: View, thresholds: Thresholds = DEFAULT_THRESHOLDS): Finding[] {
  const findings = [
    ...nobody(view),
    ...view.silent.map(({ source, problem, hangs }): Finding => ({
      severity: 'critical',
      code: 'process-silent',
      pid: pidOf(source),
      message: `${source} ${problem}`,
      advice: hangs
        ? 'Its event loop is blocked, or it was stopped: look at its processor time, and at synchronous work in it'
        : 'Its pools are not shown',
    })),
    ...view.pools.flatMap((pool) => [
      ...findingsOfPool(pool),
      ...findingsOfHolders(pool, thresholds),
    ]),
    ...findingsOfServer(view),
    ...findingsOfLocks(view, thresholds),
  ]
  return findings.sort((a, b) => rank(a) - rank(b) || (b.ageMs ?? 0) - (a.ageMs ?? 0))
}

function nobody({ seen, silent }: View): Finding[] {
  if (seen.length + silent.length > 0) return []
  return [
    {
      severity: 'critical',
      code: 'no-process',
      message: 'no process with a Lifeguard pool was found',
      advice:
        'Has the service started? Run this as its user, or as root; in a container, inside of it. Elsewhere: --url',
    },
  ]
}

export function healthOf(findings: readonly Finding[]): Health {
  if (findings.some(({ severity }) => severity === 'critical')) return 'critical'
  return findings.length > 0 ? 'warning' : 'well'
}

function rank({ severity }: Finding): number {
  return severity === 'critical' ? 0 : 1
}

/** From the name of its socket. */
function pidOf(source: string): number | undefined {
  const pid = /\/(\d+)-\d+-[0-9a-f]+\.sock$/.exec(source)?.[1]
  return pid === undefined ? undefined : Number(pid)
}
