import { once } from 'node:events'
import { PassThrough } from 'node:stream'

import { waitFor } from '@lifeguard/test-kit'

import { swallow, type Kind } from '../kind.ts'
import type { World } from '../world.ts'

const MANY_ROWS =
  'SELECT a.id FROM ledger a, ledger b, information_schema.columns, information_schema.columns c'

/** A pool without hygiene would have the next borrower wait for them: what is left is time, not state. */
const unseen = 'the next borrower would wait'

/** Statements that are still running when their borrower leaves. */
export const unfinished: readonly Kind[] = [
  {
    name: 'a statement that still runs',
    unseen,
    dirty: async (borrowed, world) => {
      ignore(borrowed.query('SELECT SLEEP(5)'))
      await runs(world, 'SLEEP')
    },
  },
  {
    name: 'a prepared statement that still runs',
    unseen,
    dirty: async (borrowed, world) => {
      ignore(borrowed.execute('SELECT SLEEP(?)', [5]))
      await runs(world, 'SLEEP')
    },
  },
  {
    name: 'a statement that still runs in a transaction, with more behind it',
    unseen,
    dirty: async (borrowed, world) => {
      await borrowed.query('BEGIN')
      await borrowed.query("INSERT INTO ledger (id, note) VALUES (900, 'uncommitted')")
      ignore(borrowed.query('SELECT SLEEP(5)'))
      ignore(borrowed.query('SET @dirty = 1'))
      ignore(borrowed.execute('SET @dirtier = 1'))
      ignore(borrowed.query('COMMIT'))
      await runs(world, 'SLEEP')
    },
  },
  {
    name: 'several statements of which the second still runs',
    unseen,
    options: { multipleStatements: true },
    dirty: async (borrowed, world) => {
      ignore(borrowed.query('SET @dirty = 1; SELECT SLEEP(5); SET @dirtier = 1'))
      await runs(world, 'SLEEP')
    },
  },
  {
    name: 'an update that waits for a lock',
    unseen,
    dirty: async (borrowed, world) => {
      await world.bystander.query('BEGIN')
      try {
        await world.bystander.query('SELECT * FROM ledger FOR UPDATE')
        ignore(borrowed.query("UPDATE ledger SET note = 'stolen' WHERE id = 1"))
        await runs(world, 'UPDATE ledger')
      } finally {
        // Were it not dead by then, it would go through now.
        setTimeout(() => void world.bystander.query('ROLLBACK'), 50)
      }
    },
  },
  {
    name: 'a stream left half-way',
    raw: true,
    unseen,
    dirty: async ({ connection }) => {
      const stream = connection.query(MANY_ROWS).stream()
      stream.on('error', () => {})
      await once(stream, 'data')
      stream.pause()
    },
  },
  {
    name: 'a stream of a prepared statement left half-way',
    raw: true,
    unseen,
    dirty: async ({ connection }) => {
      const stream = connection.execute(MANY_ROWS).stream()
      stream.on('error', () => {})
      await once(stream, 'data')
      stream.pause()
    },
  },
  {
    name: 'a stream that its reader destroyed',
    raw: true,
    unseen,
    dirty: async ({ connection }) => {
      const stream = connection.query(MANY_ROWS).stream()
      await once(stream, 'data')
      stream.destroy()
    },
  },
  {
    name: 'a connection that was paused',
    raw: true,
    unseen,
    replaced: 'mysql2 never starts what is sent to a paused connection',
    options: { settleTimeout: 300 },
    dirty: async ({ connection }) => {
      connection.pause()
      connection.query('SET @dirty = 1')
    },
  },
  {
    name: 'a statement that timed out',
    unseen,
    dirty: async (borrowed) => {
      await borrowed.query('BEGIN')
      await swallow(borrowed.query({ sql: 'SELECT SLEEP(5)', timeout: 30 }))
    },
  },
  {
    name: 'a prepared statement that timed out',
    unseen,
    dirty: (borrowed) => swallow(borrowed.execute({ sql: 'SELECT SLEEP(5)', timeout: 30 })),
  },
  {
    name: 'a statement that timed out in mysql2, which does not end it',
    raw: true,
    unseen,
    dirty: ({ connection }) =>
      swallow(connection.promise().query({ sql: 'SELECT SLEEP(5)', timeout: 30 })),
  },
  {
    name: 'an upload that never ends',
    raw: true,
    unseen,
    replaced: 'the server reads the file and hears no KILL',
    options: { settleTimeout: 300, flags: ['+LOCAL_FILES'] },
    dirty: async ({ connection }, world) => {
      connection.query(
        {
          sql: "LOAD DATA LOCAL INFILE 'endless' INTO TABLE ledger",
          infileStreamFactory: () => new PassThrough(),
        } as never,
        () => {},
      )
      await runs(world, 'LOAD DATA')
    },
  },
]

function ignore(work: Promise<unknown>): void {
  work.catch(() => {})
}

async function runs({ bystander }: World, what: string): Promise<void> {
  await waitFor(
    async () => {
      const [rows] = await bystander.query(
        `SELECT id FROM information_schema.processlist
         WHERE command IN ('Query', 'Execute') AND id <> CONNECTION_ID() AND info LIKE ?`,
        [`%${what}%`],
      )
      return (rows as unknown[]).length > 0
    },
    { label: `${what} runs`, every: 5 },
  )
}
