import t from 'tap'

import { printServer } from '#monitor/print/server-lines.js'
import { makeStyle } from '#monitor/text/style.js'

import { aServer, aView } from '../support/snapshots.ts'

void t.test('statements that are sent as text, and prepared ones', async (t) => {
  const session = (threadId: number, command: string, timeMs: number) => ({
    threadId,
    user: 'app',
    host: '10.0.0.2:5000',
    database: 'shop',
    command,
    timeMs,
    state: '',
    statement: `SELECT ${threadId}`,
  })
  const sessions = [
    session(11, 'Query', 5000),
    session(12, 'Execute', 9000),
    session(13, 'Sleep', 9000),
    session(14, 'Execute', 500),
  ]
  const style = makeStyle({ color: false, ascii: false, width: 120 })
  const lines = printServer(aView([], aServer({ sessions })), 1000, style)
  const shown = lines.filter((line) => line.includes('SELECT'))
  t.match(shown, [/^ *9\.0 s +12 /, /^ *5\.0 s +11 /])
  t.equal(shown.length, 2)
})
