import type { ProcessReport } from '@lifeguard/core'

/** One process, as far as it could be seen. */
export type Sighting = Seen | Silent

export interface Seen {
  /** Where it was seen: a socket, or a URL without its secrets. */
  readonly source: string
  readonly report: ProcessReport
}

/** Somebody is there, and does not say how it is. */
export interface Silent {
  readonly source: string
  readonly problem: string
  /** A process that accepts and says nothing is stopped, or its event loop is blocked. */
  readonly hangs: boolean
}

export function isSeen(sighting: Sighting): sighting is Seen {
  return 'report' in sighting
}

export function isSilent(sighting: Sighting): sighting is Silent {
  return 'problem' in sighting
}
