/** What the command ends with, for scripts and cron; never renumbered. */
export const ExitCode = {
  /** Seen, and well (or not worse than `--fail-on` allows). */
  Ok: 0,
  /** Nothing could be seen, or the command itself has failed. */
  Failed: 1,
  /** Asked in a way that is not understood. */
  Usage: 2,
  /** Something needs attention. */
  Unhealthy: 3,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** Ends the command with words for people, and without a stack. */
export class CommandError extends Error {
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = ExitCode.Failed) {
    super(message)
    this.exitCode = exitCode
  }
}
