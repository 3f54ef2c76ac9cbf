import { setTimeout as sleep } from 'node:timers/promises'

import { CommandError, ExitCode } from '../exit-code.ts'
import { searchedFolders } from '../find/folders.ts'
import { diagnose } from '../health/diagnose.ts'
import type { Finding } from '../health/finding.ts'
import { viewJson } from '../print/view-json.ts'
import { printView } from '../print/view-text.ts'
import { styleOf, type Terminal } from '../terminal.ts'
import { finish } from '../text/style.ts'
import { Lookout } from '../view/look-around.ts'
import type { View } from '../view/view.ts'
import { watchScreen } from '../watch/watch-screen.ts'
import type { MonitorOptions } from './options.ts'

/** `lifeguard monitor`. Answers the exit code. Only a watch has an end to listen for: a single look may be cut off. */
export async function monitor(
  options: MonitorOptions,
  terminal: Terminal,
  listenForEnd: () => AbortSignal,
): Promise<ExitCode> {
  const lookout = new Lookout(options, terminal.env)
  try {
    if (!options.watch) return await lookOnce(lookout, options, terminal)
    const signal = listenForEnd()
    if (!options.json && terminal.out.isTTY && terminal.in.isTTY) {
      return await watchScreen(lookout, options, terminal, signal)
    }
    return await lookAgainAndAgain(lookout, options, terminal, signal)
  } finally {
    lookout.close()
  }
}

async function lookOnce(
  lookout: Lookout,
  options: MonitorOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const view = await lookout.look()
  const nobody = view.seen.length + view.silent.length === 0
  if (nobody && !options.json && !options.db) throw new CommandError(nobodyFound())
  const findings = diagnose(view, options.thresholds)
  terminal.out.write(`${show(view, findings, options, terminal)}\n`)
  return foundOne(view) ? exitCodeFor(findings, options) : ExitCode.Failed
}

/** Without a screen: one look after the other, each a line of JSON or a text. */
async function lookAgainAndAgain(
  lookout: Lookout,
  options: MonitorOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  while (!signal.aborted) {
    const view = await lookout.look()
    const text = show(view, diagnose(view, options.thresholds), options, terminal)
    terminal.out.write(options.json ? `${text}\n` : `${text}\n\n`)
    await sleep(options.interval, undefined, { signal }).catch(() => {})
  }
  return ExitCode.Ok
}

function show(
  view: View,
  findings: readonly Finding[],
  options: MonitorOptions,
  terminal: Terminal,
): string {
  if (options.json) return JSON.stringify(viewJson(view, findings), null, options.watch ? 0 : 2)
  const style = styleOf(terminal, options)
  return finish(printView(view, findings, options.thresholds.slow, style), style).join('\n')
}

/** One that hangs was found, too. */
function foundOne({ seen, silent }: View): boolean {
  return seen.length > 0 || silent.some(({ hangs }) => hangs)
}

function exitCodeFor(findings: readonly Finding[], { failOn }: MonitorOptions): ExitCode {
  const bad = findings.some(({ severity }) => failOn === 'warning' || severity === failOn)
  return bad && failOn !== 'never' ? ExitCode.Unhealthy : ExitCode.Ok
}

function nobodyFound(): string {
  return (
    `no process with a Lifeguard pool was found here (looked in ${searchedFolders().join(', ')}).\n` +
    'Run this as the user of the service, or as root; in a container, inside of it. Elsewhere: --url'
  )
}
