import type { Severity, Thresholds } from '../health/finding.ts'

export interface MonitorOptions {
  readonly watch: boolean
  readonly json: boolean
  /** Asked instead of this machine's processes. */
  readonly url: readonly URL[] | undefined
  /** True: as the environment says. */
  readonly db: string | true | undefined
  /** Milliseconds between two looks. */
  readonly interval: number
  readonly thresholds: Thresholds
  /** From which severity on the command ends with exit code 3. */
  readonly failOn: Severity | 'never'
  readonly color: boolean | undefined
  readonly ascii: boolean | undefined
}
