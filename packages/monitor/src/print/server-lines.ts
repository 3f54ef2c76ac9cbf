import type { ServerSession, ServerView } from '../server/server-view.ts'
import { bar } from '../text/bar.ts'
import { amount, duration } from '../text/duration.ts'
import type { Style } from '../text/style.ts'
import { table } from '../text/table.ts'
import { nameOf, type View } from '../view/view.ts'

const BAR_WIDTH = 20
const MOST_GROUPS = 5
const MOST_STATEMENTS = 5

/** The server's counts, who has its connections, and what has been running there for long. */
export function printServer(view: View, slowMs: number, style: Style): string[] {
  const { server } = view
  if (!server) return []
  const { use, limits } = server
  const owners = ownersOf(view)
  const taken = bar(use.threadsConnected, limits.maxConnections, BAR_WIDTH, style.glyphs)
  return [
    `${style.paint.bold(`SERVER ${server.target}`)}  ${server.version}`,
    `${taken} ${use.threadsConnected} of max_connections ${limits.maxConnections}; at most ${use.maxUsedConnections} so far, ` +
      `${amount(use.refusedConnections)} refused, ${amount(use.abortedConnects)} aborted connects, ${use.threadsRunning} running`,
    ...table(
      [
        { title: 'CONNECTIONS', right: true, cell: ({ count }) => String(count) },
        { title: 'OF', cell: ({ who }) => who },
      ],
      groupsOf(server.sessions, owners),
      style,
    ),
    ...longRunning(server, owners, slowMs, style),
    ...server.blind.map((what) => style.paint.dim(`not seen: ${what}`)),
  ]
}

/** Our pools' connections by their thread. Those that are not lent are only known by their count. */
function ownersOf(view: View): ReadonlyMap<number, string> {
  const holders = view.pools.flatMap(({ holders: all }) => all).filter(({ session }) => session)
  return new Map(holders.map(({ lease }) => [lease.threadId, nameOf(lease)]))
}

interface Group {
  readonly who: string
  readonly count: number
}

function groupsOf(
  sessions: readonly ServerSession[],
  owners: ReadonlyMap<number, string>,
): Group[] {
  const counts = new Map<string, number>()
  for (const { threadId, user, host } of sessions) {
    const who = owners.has(threadId) ? 'holders above' : `${user}@${host.replace(/:\d+$/, '')}`
    counts.set(who, (counts.get(who) ?? 0) + 1)
  }
  const groups = Array.from(counts, ([who, count]) => ({ who, count }))
  return groups.sort((a, b) => b.count - a.count).slice(0, MOST_GROUPS)
}

function longRunning(
  { sessions }: ServerView,
  owners: ReadonlyMap<number, string>,
  slowMs: number,
  style: Style,
): string[] {
  const long = sessions
    .filter(({ command, timeMs }) => command === 'Query' && timeMs >= slowMs)
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
        cell: ({ threadId, user, host }) => owners.get(threadId) ?? `${user}@${host}`,
      },
      { title: 'STATEMENT', shrinksTo: 16, cell: ({ statement }) => statement ?? '' },
    ],
    long,
    style,
  )
}
