import { writeFileSync } from 'node:fs'

import { CommandError, ExitCode } from '../cli/exit-code.ts'
import { styleOf, type StyleOptions, type Terminal } from '../cli/terminal.ts'
import { finish } from '../text/style.ts'
import { openLookout } from '../view/look-around.ts'
import { drawLoad } from './draw-load.ts'
import { type LoadOptions, publicUrl } from './options.ts'
import { printLoad } from './print-load.ts'
import { ProgressLine } from './progress-line.ts'
import { runLoad } from './run-load.ts'

export interface LoadCommandOptions extends LoadOptions, StyleOptions {
  /** Where the pools tell of themselves; default: on this machine. */
  readonly report: readonly URL[] | undefined
  readonly db: string | true | undefined
  /** Where to write the picture. */
  readonly chart: string | undefined
  readonly json: boolean
}

const ANSWER_WITHIN_MS = 10_000

/** `lifeguard load`. Answers the exit code; the signal ends the load early, and it is reported all the same. */
export async function load(
  options: LoadCommandOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const style = styleOf(terminal, options)
  const lookout = openLookout({ url: options.report, db: options.db }, terminal.env)
  const progress = new ProgressLine(terminal.err, options.durationMs, style)
  try {
    await makeSure(options)
    const look = (): ReturnType<typeof lookout.look> => lookout.look()
    const result = await runLoad(options, look, signal, (now) => progress.show(now))
    progress.end()
    if (options.chart !== undefined) writeFileSync(options.chart, drawLoad(result))
    const text = options.json
      ? JSON.stringify(result, null, 2)
      : finish(printLoad(result, style), style).join('\n')
    terminal.out.write(`${text}\n`)
    return result.problems.length === 0 ? ExitCode.Ok : ExitCode.Unhealthy
  } finally {
    progress.end()
    lookout.close()
  }
}

/** Where nobody listens, hundreds of clients would only count refusals. Any answer will do. */
async function makeSure({ url }: LoadOptions): Promise<void> {
  const bare = new URL(url.origin)
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
    await fetch(bare, { method: 'HEAD', redirect: 'manual', signal })
  } catch (error) {
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined
    throw new CommandError(
      `${publicUrl(url)} cannot be reached: ${cause?.code ?? (error as Error).message}`,
    )
  }
}
