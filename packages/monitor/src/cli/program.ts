import { readFileSync } from 'node:fs'

import { Command, CommanderError, Option } from 'commander'

import { doctor } from '../doctor/doctor.ts'
import { DEFAULT_THRESHOLDS, type Severity } from '../health/finding.ts'
import { load } from '../load/load.ts'
import { header } from '../load/options.ts'
import { monitor } from '../monitor/monitor.ts'
import { CommandError, ExitCode } from './exit-code.ts'
import { DB_OPTION, httpUrl, positive, seconds, URL_OPTION, urls } from './options.ts'
import type { Terminal } from './terminal.ts'

const EXIT_CODES = `
Exit codes:
  0  seen, and well
  1  nothing could be seen, or the command failed
  2  not understood
  3  something needs attention`

interface CommonOptions {
  readonly color?: boolean
  readonly ascii?: boolean
}

/** Runs the command with its arguments (those behind the program's name). Answers the exit code; never rejects. */
export async function runCommand(
  args: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.Ok
  const program = makeProgram(terminal, signal, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage
    terminal.err.write(`lifeguard: ${(error as Error).message}\n`)
    return error instanceof CommandError ? error.exitCode : ExitCode.Failed
  }
}

function makeProgram(
  terminal: Terminal,
  signal: AbortSignal,
  done: (code: ExitCode) => void,
): Command {
  const program = new Command('lifeguard')
    .description(
      'Who holds the database connections, since when, doing what, and what to do about it.',
    )
    .version(version(), '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.out.write(text),
      writeErr: (text) => void terminal.err.write(text),
    })
    .showHelpAfterError('(lifeguard --help tells more)')
  addMonitor(program, terminal, signal, done)
  addDoctor(program, terminal, done)
  addLoad(program, terminal, signal, done)
  return program
}

interface MonitorFlags extends CommonOptions {
  readonly watch?: true
  readonly json?: true
  readonly url?: readonly URL[]
  readonly db?: string | true
  readonly interval: number
  readonly slow: number
  readonly idleInTransaction: number
  readonly unused: number
  readonly failOn: Severity | 'never'
}

function addMonitor(
  program: Command,
  terminal: Terminal,
  signal: AbortSignal,
  done: (code: ExitCode) => void,
): void {
  const { slow, idleInTransaction, unused } = DEFAULT_THRESHOLDS
  const inSeconds = (ms: number): string => `${ms / 1000} s`
  withLooks(program.command('monitor'))
    .description(
      'Show the pools of all processes on this machine, who holds their connections, and what is wrong.',
    )
    .addOption(URL_OPTION())
    .addOption(DB_OPTION())
    .option('-w, --watch', 'go on looking, on a full screen where there is one')
    .option('--json', 'JSON; with --watch one line for each look')
    .option('--interval <seconds>', 'between two looks', seconds, 1000)
    .option(
      '--slow <seconds>',
      `tell of statements that run for longer (${inSeconds(slow)})`,
      seconds,
      slow,
    )
    .option(
      '--idle-in-transaction <seconds>',
      `tell of transactions in which nothing happens for longer (${inSeconds(idleInTransaction)})`,
      seconds,
      idleInTransaction,
    )
    .option(
      '--unused <seconds>',
      `tell of connections that are held and not used for longer (${inSeconds(unused)})`,
      seconds,
      unused,
    )
    .addOption(
      new Option('--fail-on <severity>', 'exit code 3 from this severity on')
        .choices(['warning', 'critical', 'never'])
        .default('critical'),
    )
    .addHelpText(
      'after',
      `${EXIT_CODES}

Examples:
  lifeguard monitor                        all processes of this user; of all users, as root
  lifeguard monitor --watch --db           live, with the server that DATABASE_URL names
  lifeguard monitor --url http://10.0.0.5:9000/lifeguard
  lifeguard monitor --json --fail-on warning || notify`,
    )
    .action(async (flags: MonitorFlags) => {
      const {
        watch = false,
        json = false,
        url,
        db,
        interval,
        failOn,
        color,
        ascii,
        ...rest
      } = flags
      const options = { watch, json, url, db, interval, failOn, color, ascii, thresholds: rest }
      done(await monitor(options, terminal, signal))
    })
}

interface DoctorFlags extends CommonOptions {
  readonly json?: true
  readonly url?: readonly URL[]
  readonly db?: string | true
  readonly processes?: number
  readonly pools: number
}

function addDoctor(program: Command, terminal: Terminal, done: (code: ExitCode) => void): void {
  withLooks(program.command('doctor'))
    .description(
      "Compare the pools' settings, times their processes, with what the server allows, and say what to set.",
    )
    .addOption(URL_OPTION())
    .addOption(DB_OPTION())
    .option(
      '--processes <number>',
      'how many processes (instances, workers) run; default: those that are found, else 1',
      positive,
    )
    .option('--pools <number>', 'pools with these settings in each process', positive, 1)
    .option('--json', 'JSON')
    .addHelpText(
      'after',
      `${EXIT_CODES}

Examples:
  lifeguard doctor                         running processes, else DB_POOL_MAX and the server of DATABASE_URL
  lifeguard doctor --processes 12          before scaling out to 12`,
    )
    .action(async (flags: DoctorFlags) => done(await doctor(flags, terminal)))
}

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

function addLoad(
  program: Command,
  terminal: Terminal,
  signal: AbortSignal,
  done: (code: ExitCode) => void,
): void {
  withLooks(program.command('load'))
    .description('Put load on a URL of yours while the pools are watched, and tell how both did.')
    .argument('<url>', 'where the requests go', httpUrl)
    .option('-c, --connections <number>', 'clients at the same time', positive, 100)
    .option('-d, --duration <seconds>', 'for how long', seconds, 10_000)
    .option('-X, --method <method>', 'default: GET, with a body POST')
    .option('-H, --header <header>', "'Name: value'; once more for each", header)
    .option('--body <text>', 'sent with each request')
    .option('--timeout <seconds>', 'for one answer', seconds, 30_000)
    .option('--chart <file>', 'draw requests, latency and connections over time, as SVG')
    .addOption(
      new Option(
        '--report <url...>',
        'where apps have mounted report(), instead of this machine',
      ).argParser(urls),
    )
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
      done(await load({ ...request, report, db, chart, json, color, ascii }, terminal, signal))
    })
}

function withLooks(command: Command): Command {
  return command
    .option('--color', 'with colours, whatever the output is')
    .option('--no-color', 'without')
    .option('--ascii', 'no signs but ASCII')
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
