import { poolOptionsFromEnv } from '@lifeguard/core'
import { poolSettings } from '@lifeguard/core/inspect'

import { CommandError, ExitCode } from '../exit-code.ts'
import type { ServerSession, ServerView } from '../server/server-view.ts'
import { styleOf, type StyleOptions, type Terminal } from '../terminal.ts'
import { count } from '../text/count.ts'
import { finish } from '../text/style.ts'
import { Lookout } from '../view/look-around.ts'
import type { PoolView, View } from '../view/view.ts'
import { type Demand, demandOf, heldBy } from './demand.ts'
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
  const { view, server } = await lookAround(options, terminal)
  const pools = countedPools(view).map(({ pool }) => pool)
  const siblings = siblingsOf(view, server)
  const examination = examine({
    demands: pools.length > 0 ? demandOf(pools, options.processes) : demandOfEnv(options, terminal),
    server,
    held: heldBy(pools),
    // With the number of processes, those are among what the pools may open.
    counted: options.processes === undefined ? 0 : siblings,
  })
  const basis = describeBasis(view, server, siblings, options)
  terminal.out.write(`${show(examination, server, basis, options, terminal)}\n`)
  return examination.complaints.length > 0 ? ExitCode.Unhealthy : ExitCode.Ok
}

async function lookAround(
  { url, db = true }: DoctorOptions,
  { env }: Terminal,
): Promise<{ view: View; server: ServerView }> {
  const lookout = new Lookout({ url, db }, env)
  try {
    const view = await lookout.look()
    const { server, serverProblem, silent } = view
    if (!server) throw new CommandError(serverProblem ?? 'the server could not be asked')
    const [problem] = url ? silent : []
    if (problem) throw new CommandError(`${problem.source} ${problem.problem}`)
    return { view, server }
  } finally {
    lookout.close()
  }
}

/** Those of the server that was asked; all where none is, since it may have an address that we don't know. */
function countedPools({ pools }: View): readonly PoolView[] {
  const own = pools.filter(({ atServer }) => atServer)
  return own.length > 0 ? own : pools
}

function demandOfEnv({ processes = 1, pools }: DoctorOptions, { env }: Terminal): Demand[] {
  const { max, healthCheckInterval } = poolSettings(poolOptionsFromEnv(env))
  return [{ pool: 'pool', processes: processes * pools, max, healthCheckInterval }]
}

/** Connections by the user and to the database of our pools that are none of those that are seen. */
function siblingsOf({ owners }: View, server: ServerView): number {
  const nameOf = ({ user, database }: ServerSession): string => JSON.stringify([user, database])
  const ours = server.sessions.filter(({ threadId }) =>
    owners.size > 0 ? owners.has(threadId) : threadId === server.threadId,
  )
  const names = new Set(ours.map(nameOf))
  return server.sessions.filter(
    (session) =>
      names.has(nameOf(session)) &&
      !owners.has(session.threadId) &&
      session.threadId !== server.threadId,
  ).length
}

/** Where the numbers come from, and what they leave out. */
function describeBasis(
  view: View,
  { target }: ServerView,
  siblings: number,
  { processes, pools: perProcess }: DoctorOptions,
): string {
  const { seen, silent, pools } = view
  const counted = countedPools(view)
  const elsewhere = new Set(
    pools.filter(({ atServer }) => !atServer).map(({ pool }) => pool.target),
  )
  const addresses = [...elsewhere].join(', ')
  const given = processes === undefined ? '' : `, as if there were ${processes}`
  const sentences = [
    counted.length > 0
      ? `From ${count(seen.length, 'running process', 'running processes')}${given}.`
      : `No running process was found; from the environment (DB_POOL_MAX) for ${count(processes ?? 1, 'process', 'processes')} with ${count(perProcess, 'pool')}.`,
    elsewhere.size > 0 &&
      (counted.length < pools.length
        ? `Pools of ${addresses} are left out.`
        : `They say that they are at ${addresses}, and ${target} was asked: it is taken for the same.`),
    silent.length > 0 &&
      `${count(silent.length, 'process', 'processes')} did not answer, and ${silent.length === 1 ? 'is' : 'are'} not counted.`,
    // A pool may have a connection more, to end statements with.
    processes === undefined &&
      siblings > counted.length &&
      `${count(siblings, 'more connection')} of the same user come from elsewhere: if from such pools, tell by --processes how many run in all.`,
  ]
  return sentences.filter((sentence) => typeof sentence === 'string').join(' ')
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
