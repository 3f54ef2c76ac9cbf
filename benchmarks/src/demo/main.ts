import { stopChildren } from './child.ts'
import type { Mode } from './database.ts'
import { type Level, type LevelResult, runLevel } from './level.ts'
import { painterFor } from './paint.ts'
import { Progress } from './progress.ts'
import { count, judge, renderDetails, renderTable, renderVerdicts } from './report.ts'
import { loadShop } from './schema.ts'
import { type Servers, startServers, type Undo } from './servers.ts'

const MAX_CONNECTIONS = 100
const POOL_MAX = 50
const JOBS = 500
const CLIENTS = [100, 200, 500, 2000] as const
/** Before, a few requests tell it all: refusing one takes longer than serving it. */
const REQUESTS: Readonly<Record<Mode, readonly number[]>> = {
  before: [2000, 2000, 2000, 2000],
  after: [6000, 6000, 6000, 8000],
}
/** A process that serves 2000 clients may have a connection to the database for each of them. */
const OPEN_FILES = 4500

const paint = painterFor(process.stdout)
const progress = new Progress(process.stdout, paint)
const undo: Undo = []
let interrupted = false

function onSignal(): void {
  if (interrupted) process.exit(130)
  interrupted = true
  // Whoever waits for a child is told that it has ended, and so everything comes to its end.
  void stopChildren()
}

async function runDemo(): Promise<boolean> {
  requireOpenFiles()
  const servers = await progress.during('starting the servers', startServers(MAX_CONNECTIONS, undo))
  const max = Math.min(POOL_MAX, Math.floor(servers.maxConnections / 2))
  introduce(servers, max)
  const results = [
    ...(await runAllLevels(servers, 'before', max)),
    ...(await runAllLevels(servers, 'after', max)),
  ]
  const verdicts = judge(results, max)
  progress.say(`\n${renderTable(results, paint)}`)
  progress.say(paint('dim', footnote()))
  for (const detail of renderDetails(results)) progress.say(paint('dim', detail))
  progress.say(`\n${renderVerdicts(verdicts, paint)}`)
  return verdicts.every((verdict) => verdict.kept)
}

function introduce({ description, maxConnections }: Servers, max: number): void {
  progress.say(
    [
      paint('bold', 'Lifeguard demo'),
      `One shop, one Fastify app, one BullMQ worker; ${description} that takes ${count(maxConnections)} connections.`,
      'The same handlers serve the same requests twice. Only where connections come from differs:',
      `  ${paint('bold', 'before')}  each request and job opens a connection, and nobody closes it`,
      `  ${paint('bold', 'after')}   @lifeguard/fastify and @lifeguard/bullmq, a pool of at most ${max}`,
      'On purpose, 2 % of the requests and 5 % of the jobs throw in the middle of a transaction,',
      'and some 100 clients a second hang up in the middle of a request.',
      '',
    ].join('\n'),
  )
}

function footnote(): string {
  return [
    'Connections are counted by the server, without the one through which the demo watches it. For a',
    'moment it counts one more than it takes: the one that it is about to refuse.',
    'Before: fewer requests, since a few tell it all. Clients give up after 10 s in which nobody got an',
    'answer, as when they wait for locks of transactions left open. Each column is a new process.',
  ].join('\n')
}

async function runAllLevels(servers: Servers, mode: Mode, max: number): Promise<LevelResult[]> {
  const rows = await progress.during(
    'filling the shop',
    loadShop(servers.monitor, servers.database),
  )
  if (mode === 'before') {
    progress.say(paint('dim', `  ${count(rows)} rows of customers, products and orders`))
  }
  const results: LevelResult[] = []
  for (const [i, clients] of CLIENTS.entries()) {
    const requests = REQUESTS[mode][i]!
    const level: Level = { clients, requests, jobs: JOBS, firstOrder: 1 + i * JOBS }
    results.push(await runLevel(servers, mode, level, max, progress))
  }
  return results
}

function requireOpenFiles(): void {
  const report = process.report.getReport() as unknown as {
    userLimits?: { open_files?: { soft: number | 'unlimited' } }
  }
  const limit = report.userLimits?.open_files?.soft
  if (typeof limit !== 'number' || limit >= OPEN_FILES) return
  throw new Error(
    `The demo needs ${OPEN_FILES} open files for each process, and may have ${limit}: ulimit -n`,
  )
}

async function undoAll(): Promise<void> {
  progress.clear()
  await stopChildren()
  for (const step of undo.toReversed()) {
    await step().catch((error: unknown) => progress.say(`could not tidy up: ${String(error)}`))
  }
}

process.on('SIGINT', onSignal)
process.on('SIGTERM', onSignal)
const began = performance.now()
try {
  const kept = await runDemo()
  process.exitCode = kept ? 0 : 1
} catch (error) {
  process.exitCode = interrupted ? 130 : 1
  if (!interrupted) {
    progress.say(`The demo failed: ${error instanceof Error ? error.message : String(error)}`)
  }
} finally {
  await undoAll()
  const seconds = Math.round((performance.now() - began) / 1000)
  progress.say(
    paint(
      'dim',
      interrupted ? '\nInterrupted, all cleaned up.' : `\n${seconds} s in all, all cleaned up.`,
    ),
  )
}
