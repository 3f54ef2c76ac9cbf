import type { ProcessReport } from '@lifeguard/core'
import { REPORT_VERSION, reportSchema } from '@lifeguard/core/inspect'

/** Checks what was received. Throws with words for people where it is not a report that we can read. */
export function readReport(json: string): ProcessReport {
  const value = parse(json)
  const parsed = reportSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const { version, error } = (value ?? {}) as {
    readonly version?: unknown
    readonly error?: unknown
  }
  if (typeof error === 'string') throw new Error(`cannot tell how it is: ${error}`)
  if (typeof version === 'number' && version !== REPORT_VERSION) {
    throw new Error(`speaks version ${version} of the report; use a lifeguard command of its age`)
  }
  const where = parsed.error.issues[0]?.path.join('.')
  throw new Error(`is no Lifeguard report${where ? ` (at ${where})` : ''}`)
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw new Error('is no Lifeguard report: it is not JSON')
  }
}
