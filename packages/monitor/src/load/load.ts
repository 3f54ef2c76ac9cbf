import { appendFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'

import { CommandError, ExitCode } from '../exit-code.ts'
import { styleOf, type StyleOptions, type Terminal } from '../terminal.ts'
import { finish } from '../text/style.ts'
import { publicUrl } from '../text/url.ts'
import { Lookout } from '../view/look-around.ts'
import { drawLoad } from './draw-load.ts'
import type { LoadOptions } from './options.ts'
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

const CONNECTS_WITHIN_MS = 10_000

/** `lifeguard load`. Answers the exit code; the signal ends the load early, and it is reported all the same. */
export async function load(
  options: LoadCommandOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const style = styleOf(terminal, options)
  const lookout = new Lookout({ url: options.report, db: options.db }, terminal.env)
  const progress = new ProgressLine(terminal.err, options.durationMs, style)
  try {
    if (options.chart !== undefined) requireWritable(options.chart)
    await requireReachable(options)
    const look = (): ReturnType<typeof lookout.look> => lookout.look()
    const result = await runLoad(options, look, signal, (now) => progress.show(now))
    progress.end()
    const text = options.json
      ? JSON.stringify(result, null, 2)
      : finish(printLoad(result, style), style).join('\n')
    terminal.out.write(`${text}\n`)
    if (options.chart !== undefined) writeFileSync(options.chart, drawLoad(result))
    return result.problems.length === 0 ? ExitCode.Ok : ExitCode.Unhealthy
  } finally {
    progress.end()
    lookout.close()
  }
}

/** Before the load, not after it. */
function requireWritable(path: string): void {
  try {
    appendFileSync(path, '')
  } catch (error) {
    throw new CommandError(`--chart: ${(error as Error).message}`, ExitCode.Usage)
  }
}

/** Where nobody listens, hundreds of clients would only count refusals. */
function requireReachable({ url }: LoadOptions): Promise<void> {
  const { hostname, port, protocol } = url
  const host = hostname.replaceAll(/[[\]]/g, '')
  const socket = connect(Number(port || (protocol === 'https:' ? 443 : 80)), host)
  return new Promise((resolve, reject) => {
    const refuse = (reason: string): void => {
      socket.destroy()
      reject(new CommandError(`${publicUrl(url)} cannot be reached: ${reason}`))
    }
    socket.setTimeout(CONNECTS_WITHIN_MS, () => refuse('it does not answer'))
    socket.on('error', (error: NodeJS.ErrnoException) => refuse(error.code ?? error.message))
    socket.on('connect', () => {
      socket.destroy()
      resolve()
    })
  })
}
