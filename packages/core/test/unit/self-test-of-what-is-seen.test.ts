import t from 'tap'

import { type ObservedSession, observes } from '#core/connector/mysql2/self-test.js'

interface Seen {
  /** The server's status flags tell of transactions. */
  readonly transactions: boolean
  /** The server's tracking tells of changes. */
  readonly changes: boolean
}

/** A session of which one can see so much. */
function sessionThatSees({ transactions, changes }: Seen): ObservedSession {
  let open = false
  let changed = false
  return {
    setObservable: () => {},
    control: async (sql: string) => {
      open = sql.startsWith('START')
    },
    query: async () => [[], []] as never,
    queryUnjudged: async () => {
      changed = changes
    },
    report: () =>
      ({ transaction: open && transactions ? 'open' : 'none', changed }) as ReturnType<
        ObservedSession['report']
      >,
  }
}

void t.test('is passed where both are seen', async (t) => {
  t.equal(await observes(sessionThatSees({ transactions: true, changes: true })), true)
})

void t.test('is failed where the server does not tell of changes', async (t) => {
  t.equal(await observes(sessionThatSees({ transactions: true, changes: false })), false)
})

void t.test('is failed where its flags are not understood', async (t) => {
  t.equal(await observes(sessionThatSees({ transactions: false, changes: true })), false)
})
