import { type Command, Option } from 'commander'

import type { ExitCode } from '../exit-code.ts'
import { DEFAULT_THRESHOLDS, type Severity } from '../health/finding.ts'
import { monitor } from '../monitor/monitor.ts'
import type { Terminal } from '../terminal.ts'
import {
  type CommonOptions,
  DB_OPTION,
  durationOption,
  EXIT_CODES,
  secondsOrNone,
  URL_OPTION,
  withLooks,
} from './options.ts'

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

/** `lifeguard monitor`. */
export function addMonitor(
  program: Command,
  terminal: Terminal,
  listenForEnd: () => AbortSignal,
  done: (code: ExitCode) => void,
): void {
  withLooks(program.command('monitor'))
    .description(
      'Show the pools of all processes on this machine, who holds their connections, and what is wrong.',
    )
    .addOption(URL_OPTION())
    .addOption(DB_OPTION())
    .option('-w, --watch', 'go on looking, on a full screen where there is one')
    .option('--json', 'JSON; with --watch one line for each look')
    .addOption(durationOption('--interval <seconds>', 'between two looks', 1000))
    .addOption(
      durationOption(
        '--slow <seconds>',
        'tell of statements that run for longer',
        DEFAULT_THRESHOLDS.slow,
        secondsOrNone,
      ),
    )
    .addOption(
      durationOption(
        '--idle-in-transaction <seconds>',
        'tell of transactions in which nothing happens for longer',
        DEFAULT_THRESHOLDS.idleInTransaction,
        secondsOrNone,
      ),
    )
    .addOption(
      durationOption(
        '--unused <seconds>',
        'tell of connections that are held and not used for longer',
        DEFAULT_THRESHOLDS.unused,
        secondsOrNone,
      ),
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
      const { watch = false, json = false, url, db, interval, failOn, color, ascii } = flags
      const { slow, idleInTransaction, unused } = flags
      const thresholds = { slow, idleInTransaction, unused }
      const options = { watch, json, url, db, interval, failOn, color, ascii, thresholds }
      done(await monitor(options, terminal, listenForEnd))
    })
}
