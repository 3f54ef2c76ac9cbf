import type { Command } from 'commander'

import type { ExitCode } from '../exit-code.ts'
import type { Terminal } from '../terminal.ts'
import {
  type CommonOptions,
  DB_OPTION,
  durationOption,
  header,
  httpUrl,
  positive,
  urlsOption,
  withLooks,
} from './options.ts'

interface LoadFlags extends CommonOptions {
  readonly connections: number
  readonly duration: number
  readonly method?: string
  readonly header?: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeout: number
  readonly report?: readonly URL[]
  readonly db?: string | true
  readonly chart?: string
  readonly json?: true
}

/** `lifeguard load`. */
export function addLoad(
  program: Command,
  terminal: Terminal,
  listenForEnd: () => AbortSignal,
  done: (code: ExitCode) => void,
): void {
  withLooks(program.command('load'))
    .description('Put load on a URL of yours while the pools are watched, and tell how both did.')
    .argument('<url>', 'where the requests go', (text: string) => httpUrl('<url>', text))
    .option('-c, --connections <number>', 'clients at the same time', positive, 100)
    .addOption(durationOption('-d, --duration <seconds>', 'for how long', 10_000))
    .option('-X, --method <method>', 'default: GET, with a body POST')
    .option('-H, --header <header>', "'Name: value'; once more for each", header)
    .option('--body <text>', 'sent with each request')
    .addOption(durationOption('--timeout <seconds>', 'for one answer', 30_000))
    .option('--chart <file>', 'draw requests, latency and connections over time, as SVG')
    .addOption(urlsOption('--report', 'where apps have mounted report(), instead of this machine'))
    .addOption(DB_OPTION())
    .option('--json', 'JSON')
    .addHelpText(
      'after',
      `
Exit codes:
  0  it held
  1  it could not be done
  2  not understood
  3  it did not hold: no answers, failures, or connections not given back

Examples:
  lifeguard load http://127.0.0.1:3000/orders -c 500 -d 30 --chart load.svg
  lifeguard load https://staging.example/cart -H 'Cookie: …' --report https://staging.example/internal/lifeguard`,
    )
    .action(async (url: URL, flags: LoadFlags) => {
      // What puts load on takes long to load itself: whoever wants to look need not wait for it.
      const { load } = await import('../load/load.ts')
      const {
        connections,
        duration,
        header: headers = {},
        body,
        timeout,
        report,
        db,
        chart,
      } = flags
      const method = (flags.method ?? (body === undefined ? 'GET' : 'POST')).toUpperCase()
      const { json = false, color, ascii } = flags
      const request = {
        url,
        connections,
        durationMs: duration,
        method,
        headers,
        body,
        timeoutMs: timeout,
      }
      done(
        await load({ ...request, report, db, chart, json, color, ascii }, terminal, listenForEnd()),
      )
    })
}
