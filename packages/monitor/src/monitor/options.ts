import type { Severity } from '../health/finding.ts'
import type { WatchOptions } from '../watch/watch-screen.ts'

export interface MonitorOptions extends WatchOptions {
  readonly watch: boolean
  readonly json: boolean
  /** Asked instead of this machine's processes. */
  readonly url: readonly URL[] | undefined
  /** True: as the environment says. */
  readonly db: string | true | undefined
  /** From which severity on the command ends with exit code 3. */
  readonly failOn: Severity | 'never'
}
