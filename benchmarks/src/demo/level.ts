import type { AppTasks } from './app-process.ts'
import { Child } from './child.ts'
import type { ClientTasks } from './clients-process.ts'
import type { ClientTally } from './clients.ts'
import type { Mode } from './database.ts'
import { findViolations } from './invariants.ts'
import type { JobTally } from './jobs.ts'
import type { Progress } from './progress.ts'
import { Sampler } from './sampler.ts'
import type { Servers } from './servers.ts'

export interface Level {
  readonly clients: number
  readonly requests: number
  readonly jobs: number
  /** The jobs' orders begin here; each order is invoiced once. */
  readonly firstOrder: number
}

export interface LevelResult extends ClientTally {
  readonly mode: Mode
  readonly clients: number
  readonly jobs: JobTally
  readonly peakConnections: number
  readonly openedConnections: number
  readonly reuseRate: number
  readonly openTransactions: number
  readonly violations: Readonly<Record<string, number>>
  readonly peakMemoryMb: number
}

/** Before, clients may wait for locks that are never released. */
const PATIENCE: Readonly<Record<Mode, number>> = { before: 10_000, after: 30_000 }
const JOB_CONCURRENCY = 50

/** One run at one number of clients, with processes of its own and a server that is empty before and after. */
export async function runLevel(
  servers: Servers,
  mode: Mode,
  level: Level,
  max: number,
  progress: Progress,
): Promise<LevelResult> {
  const { clients, requests } = level
  const app = new Child<AppTasks>('./app-process.js')
  const crowd = new Child<ClientTasks>('./clients-process.js')
  const sampler = await Sampler.start(servers.monitor)
  const line = progress.begin(mode, clients, requests)
  crowd.onNews = (news) => line.update(news as ClientTally, sampler.connected)
  try {
    const port = await app.ask('listen', { mode, clients, uri: servers.uri, max })
    const patience = PATIENCE[mode]
    const [tally, jobs] = await Promise.all([
      crowd.ask('run', { port, clients, requests, seed: clients, patience }),
      app.ask('jobs', {
        redis: servers.redis,
        prefix: servers.database,
        queue: `${mode}-${clients}`,
        concurrency: JOB_CONCURRENCY,
        firstOrder: level.firstOrder,
        count: level.jobs,
        patience,
      }),
    ])
    await sampler.stop()
    const openTransactions = await sampler.openTransactions()
    const measured = await app.ask('measure', undefined)
    if (mode === 'after') await app.ask('close', undefined)
    await Promise.all([app.stop(), crowd.stop()])
    await sampler.untilAlone()
    const result: LevelResult = {
      ...tally,
      ...measured,
      mode,
      clients,
      jobs,
      peakConnections: sampler.peak,
      openedConnections: sampler.opened,
      openTransactions,
      violations: await findViolations(servers.monitor),
    }
    line.end(result)
    return result
  } finally {
    await Promise.all([app.stop(), crowd.stop(), sampler.stop()])
  }
}
