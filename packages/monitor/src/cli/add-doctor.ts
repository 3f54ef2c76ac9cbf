import type { Command } from 'commander'

import { doctor } from '../doctor/doctor.ts'
import type { ExitCode } from '../exit-code.ts'
import type { Terminal } from '../terminal.ts'
import {
  type CommonOptions,
  DB_OPTION,
  EXIT_CODES,
  positive,
  URL_OPTION,
  withLooks,
} from './options.ts'

interface DoctorFlags extends CommonOptions {
  readonly json?: true
  readonly url?: readonly URL[]
  readonly db?: string | true
  readonly processes?: number
  readonly pools: number
}

/** `lifeguard doctor`. */
export function addDoctor(
  program: Command,
  terminal: Terminal,
  done: (code: ExitCode) => void,
): void {
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
    .option(
      '--pools <number>',
      'pools with these settings in each process, where none runs',
      positive,
      1,
    )
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
