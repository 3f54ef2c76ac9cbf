import { poolOptionsFromEnv, type PoolSnapshot, type ProcessReport } from '@lifeguard/core'
import { poolSettings } from '@lifeguard/core/inspect'

import { CommandError, ExitCode } from '../exit-code.ts'
import { isSeen } from '../find/sighting.ts'
import type { ServerView } from '../server/server-view.ts'
import { styleOf, type StyleOptions, type Terminal } from '../terminal.ts'
import { finish } from '../text/style.ts'
import { openLookout } from '../view/look-around.ts'
import { type Demand, demandOf, heldBy, poolsOfServer } from './demand.ts'
import { type Examination, examine } from './examine.ts'
import { printExamination } from './print-examination.ts'

export interface DoctorOptions extends StyleOptions {
  readonly url?: readonly URL[] | undefined
  /** True, and absent: as the environment says. */
  readonly db?: string | true | undefined
  readonly processes?: number | undefined
  /** Of each process, where none runs. */
  readonly pools: number
  readonly json?: boolean | undefined
}

/** Raised when a field is taken away or changes its meaning. */
const JSON_VERSION = 1

/** `lifeguard doctor`. Answers the exit code. */
export async function doctor(options: DoctorOptions, terminal: Terminal): Promise<ExitCode> {
  const { reports, server } = await lookAround(options, terminal)
  const { pools, elsewhere } = poolsOfServer(reports, server.target)
  const { demands, basis } = demandsOf(pools, reports.length, elsewhere, options, terminal)
  const examination = examine({ demands, server, held: heldBy(pools) })
  terminal.out.write(`${show(examination, server, basis, options, terminal)}\n`)
  return examination.complaints.length > 0 ? ExitCode.Unhealthy : ExitCode.Ok
}

async function lookAround(
  { url, db = true }: DoctorOptions,
  { env }: Terminal,
): Promise<{ reports: readonly ProcessReport[]; server: ServerView }> {
  const lookout = openLookout({ url, db }, env)
  try {
    const { sightings, server, serverProblem, silent } = await lookout.look()
    if (!server) throw new CommandError(serverProblem ?? 'the server could not be asked')
    const [problem] = url ? silent : []
    if (problem) throw new CommandError(`${problem.source} ${problem.problem}`)
    return { reports: sightings.filter(isSeen).map(({ report }) => report), server }
  } finally {
    lookout.close()
  }
}

function demandsOf(
  running: readonly PoolSnapshot[],
  found: number,
  elsewhere: readonly string[],
  { processes, pools }: DoctorOptions,
  { env }: Terminal,
): { demands: Demand[]; basis: string } {
  if (running.length > 0) {
    const counted = processes === undefined ? '' : `, as if there were ${processes}`
    const others = elsewhere.length === 0 ? '' : ` Pools of ${elsewhere.join(', ')} are left out.`
    return {
      demands: demandOf(running, processes),
      basis: `From ${found} running ${found === 1 ? 'process' : 'processes'}${counted}.${others}`,
    }
  }
  const { max, healthCheckInterval } = poolSettings(poolOptionsFromEnv(env))
  const count = processes ?? 1
  const demand = {
    pool: 'pool',
    processes: count * pools,
    max,
    healthCheckInterval,
  }
  return {
    demands: [demand],
    basis: `No running process was found; from the environment (DB_POOL_MAX) for ${count} of ${pools} pool each${processes === undefined ? '. Tell the number by --processes' : ''}.`,
  }
}

function show(
  examination: Examination,
  server: ServerView,
  basis: string,
  options: DoctorOptions,
  terminal: Terminal,
): string {
  if (!options.json) {
    const style = styleOf(terminal, options)
    return finish(printExamination(examination, server, basis, style), style).join('\n')
  }
  const { target, version, limits, use } = server
  return JSON.stringify(
    { version: JSON_VERSION, basis, ...examination, server: { target, version, limits, use } },
    null,
    2,
  )
}
