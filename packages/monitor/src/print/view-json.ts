import type { ProcessReport } from '@lifeguard/core'

import { healthOf } from '../health/diagnose.ts'
import type { Finding, Health } from '../health/finding.ts'
import type { ServerView } from '../server/server-view.ts'
import type { View } from '../view/view.ts'

/** Raised when a field is taken away or changes its meaning. */
const JSON_VERSION = 1

/** What `lifeguard monitor --json` prints, documented in docs/monitor.md. Durations are milliseconds. */
export interface ViewJson {
  readonly version: typeof JSON_VERSION
  /** ISO 8601. */
  readonly takenAt: string
  readonly health: Health
  readonly findings: readonly Finding[]
  /** As docs/reference/report.md describes them, with where they were seen. */
  readonly processes: readonly (ProcessReport & { readonly source: string })[]
  readonly silent: readonly { readonly source: string; readonly problem: string }[]
  readonly server: ServerView | undefined
}

export function viewJson(view: View, findings: readonly Finding[]): ViewJson {
  return {
    version: JSON_VERSION,
    takenAt: new Date(view.takenAt).toISOString(),
    health: healthOf(findings),
    findings,
    processes: view.seen.map(({ source, report }) => ({ source, ...report })),
    silent: view.silent.map(({ source, problem }) => ({ source, problem })),
    server: view.server,
  }
}
