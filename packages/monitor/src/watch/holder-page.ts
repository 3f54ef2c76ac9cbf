import type { Finding } from '../health/finding.ts'
import { printFindings } from '../print/findings.ts'
import { stateOf } from '../print/holders-table.ts'
import { processName } from '../print/pools-table.ts'
import { badHolders } from '../print/view-text.ts'
import { duration } from '../text/duration.ts'
import { plain, wrap } from '../text/plain.ts'
import type { Style } from '../text/style.ts'
import { type Holder, nameOf, type View } from '../view/view.ts'

const LABEL_WIDTH = 15
const MOST_FRAMES = 6

/** One holder in detail; without it, that it is none any more. */
export function holderPage(
  holder: Holder | undefined,
  { blockers }: View,
  findings: readonly Finding[],
  style: Style,
): string[] {
  if (!holder) return [style.paint.dim('It has given its connection back.')]
  const { lease, pool, session } = holder
  const blocked = session ? (blockers.get(lease.threadId) ?? []) : []
  const line = (label: string, text: string): string[] =>
    wrap(plain(text), style.width - LABEL_WIDTH).map(
      (part, i) => style.paint.dim((i === 0 ? label : '').padEnd(LABEL_WIDTH)) + part,
    )
  const own = findings.filter((finding) => badHolders([finding])(holder))
  return [
    style.paint.bold(plain(nameOf(lease))),
    '',
    ...line('pool', `${pool.pool.stats.name}, ${processName(pool)}`),
    ...line('connection', `thread ${lease.threadId} at ${pool.pool.target}`),
    ...line('held', duration(lease.heldMs)),
    ...line('does', stateOf(holder)),
    ...(lease.transactionMs === undefined
      ? []
      : line('transaction', `open for ${duration(lease.transactionMs)}`)),
    ...(lease.statement === undefined ? [] : line('statement', lease.statement)),
    ...(session
      ? line(
          'at the server',
          `${[session.command, session.state].filter(Boolean).join(', ')}, from ${session.host}`,
        )
      : []),
    ...blocked.flatMap(({ name, waitedMs }) =>
      line('blocks', `${name}, for ${duration(waitedMs)}`),
    ),
    '',
    ...printFindings(own, style),
    ...(own.length > 0 ? [''] : []),
    ...stackLines(lease.stack).flatMap((frame, i) => line(i === 0 ? 'taken' : '', frame)),
  ]
}

function stackLines(stack: string | undefined): string[] {
  return (stack?.split('\n') ?? []).slice(0, MOST_FRAMES).map((frame) => frame.trim())
}
