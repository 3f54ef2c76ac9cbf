import type { ServerSession, ServerView } from '../server/server-view.ts'
import { bar } from '../text/bar.ts'
import { amount, duration } from '../text/duration.ts'
import type { Style } from '../text/style.ts'
import { table } from '../text/table.ts'
import { ownerName, type View } from '../view/view.ts'

const MOST_GROUPS = 6
const MOST_STATEMENTS = 5
/** What the process list calls a statement that is sent as text, and a prepared one. */
const STATEMENTS: ReadonlySet<string> = new Set(['Query', 'Execute'])

/** How full the server is, in one line. */
export function serverLine({ target, use, limits }: ServerView, style: Style): string {
  const taken = bar(use.threadsConnected, limits.maxConnections, 10, style.glyphs)
  return `${style.paint.bold(`SERVER ${target}`)}  ${taken} ${use.threadsConnected}/${limits.maxConnections}, at most ${use.maxUsedConnections} so far, ${amount(use.refusedConnections)} refused`
}

/** The server's counts, who has its connections, and what has been running there for long. */
export function printServer(view: View, slowMs: number, style: Style): string[] {
  const { server } = view
  if (!server) return []
  const { use, limits } = server
  const taken = bar(use.threadsConnected, limits.maxConnections, 20, style.glyphs)
  return [
    `${style.paint.bold(`SERVER ${server.target}`)}  ${server.version}`,
    `${taken} ${use.threadsConnected} of max_connections ${limits.maxConnections}; at most ${use.maxUsedConnections} so far`,
    `${use.threadsRunning} running, ${amount(use.refusedConnections)} refused, ${amount(use.abortedConnects)} aborted connects`,
    ...table(
      [
        { title: 'CONNECTIONS', right: true, cell: ({ count }) => String(count) },
        { title: 'OF', cell: ({ who }) => who },
      ],
      groupsOf(server, view.owners),
      style,
    ),
    ...longRunning(server, view.owners, slowMs, style),
    ...server.blind.map((what) => style.paint.dim(`not seen: ${what}`)),
  ]
}

interface Group {
  readonly who: string
  readonly count: number
}

function groupsOf(server: ServerView, owners: View['owners']): Group[] {
  const counts = new Map<string, number>()
  for (const session of server.sessions) {
    const who = groupOf(session, server, owners)
    counts.set(who, (counts.get(who) ?? 0) + 1)
  }
  const groups = Array.from(counts, ([who, count]) => ({ who, count }))
  groups.sort((a, b) => b.count - a.count)
  const rest = groups.splice(MOST_GROUPS).reduce((sum, { count }) => sum + count, 0)
  return rest > 0 ? [...groups, { who: 'others', count: rest }] : groups
}

function groupOf(
  { threadId, user, host }: ServerSession,
  server: ServerView,
  owners: View['owners'],
): string {
  if (threadId === server.threadId) return 'this command'
  const owner = owners.get(threadId)
  if (!owner) return `${user}@${host.replace(/:\d+$/, '')}`
  return `${owner.pool.pool.stats.name}, ${owner.holder ? 'lent' : 'not lent'}`
}

function longRunning(
  { sessions }: ServerView,
  owners: View['owners'],
  slowMs: number,
  style: Style,
): string[] {
  const long = sessions
    .filter(({ command, timeMs }) => STATEMENTS.has(command) && timeMs >= slowMs)
    .sort((a, b) => b.timeMs - a.timeMs)
    .slice(0, MOST_STATEMENTS)
  if (long.length === 0) return []
  return table(
    [
      { title: 'RUNS', right: true, cell: ({ timeMs }) => duration(timeMs) },
      { title: 'THREAD', right: true, cell: ({ threadId }) => String(threadId) },
      {
        title: 'OWNER',
        shrinksTo: 16,
        cell: (session) => ownerName(session, owners),
      },
      { title: 'STATEMENT', shrinksTo: 16, cell: ({ statement }) => statement ?? '' },
    ],
    long,
    style,
  )
}
