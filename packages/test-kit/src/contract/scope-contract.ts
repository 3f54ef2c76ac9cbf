import t from 'tap'

import { adminQuery, createDatabase, openTransactions } from '../admin.ts'
import { sharedDatabase } from '../shared.ts'
import { waitFor } from '../wait-for.ts'
import type { ContractPool, ContractScope } from './types.ts'

export type ContractWork = (db: ContractScope) => Promise<unknown>

/** One app or worker over a pool: the shim that an adapter's test writes. */
export interface ContractHarness {
  /** Runs `work` as one request or job, to its end. */
  run(work: ContractWork): Promise<'ok' | 'failed'>
  /** Begins `work` as one request or job, and has its client leave, or the job cancelled, when `started` resolves. */
  abandon(work: ContractWork, started: Promise<void>): Promise<void>
  close(): Promise<void>
}

export interface ContractOptions<P extends ContractPool> {
  createPool(uri: string, max: number): P
  start(pool: P): Promise<ContractHarness>
}

/** What every adapter does for every request and every job. */
export function scopeContract<P extends ContractPool>(
  name: string,
  options: ContractOptions<P>,
): void {
  void t.test(name, async (t) => {
    const server = await sharedDatabase()
    const database = await createDatabase(server)
    const pool = options.createPool(database.uri, 3)
    await pool.query('CREATE TABLE account (id INT PRIMARY KEY, balance INT NOT NULL)')
    await pool.query('INSERT INTO account VALUES (1, 100), (2, 100)')
    const harness = await options.start(pool)
    t.teardown(async () => {
      await harness.close()
      await pool.end()
      await database.drop()
    })

    const balance = async (id: number): Promise<number> => {
      const rows = await adminQuery(
        server,
        `SELECT balance FROM ${database.name}.account WHERE id = ${id}`,
      )
      return Number(rows[0]!['balance'])
    }
    // The server shows a list of a moment ago, and for longer where others look at it, too.
    const nothingOpen = (): Promise<void> =>
      waitFor(async () => (await openTransactions(server, database.name)) === 0, { every: 150 })
    const released = async (): Promise<void> => {
      await waitFor(() => {
        const stats = pool.stats()
        // A release counts when it begins; while the connection is settled it is busy.
        const idle = stats.inUse === 0 && stats.waiting === 0 && stats.busy === 0
        return idle && stats.acquired === stats.released
      })
    }

    await t.test('what is committed stays, and the connection comes back', async (t) => {
      const outcome = await harness.run((db) =>
        db.transaction(async () => {
          await db.query('UPDATE account SET balance = balance - 10 WHERE id = 1')
          await db.query('UPDATE account SET balance = balance + 10 WHERE id = 2')
        }),
      )
      t.equal(outcome, 'ok')
      t.equal(await balance(1), 90)
      t.equal(await balance(2), 110)
      await released()
    })

    await t.test('what is not committed is rolled back, though the work succeeds', async (t) => {
      const outcome = await harness.run(async (db) => {
        await db.query('START TRANSACTION')
        await db.query('UPDATE account SET balance = 0 WHERE id = 1')
      })
      t.equal(outcome, 'ok')
      await released()
      t.equal(await balance(1), 90)
      await nothingOpen()
    })

    await t.test(
      'an error in the middle of a transaction fails the work and undoes it',
      async (t) => {
        const outcome = await harness.run(async (db) => {
          await db.query('START TRANSACTION')
          await db.query('UPDATE account SET balance = 0 WHERE id = 1')
          throw new Error('in the middle of it')
        })
        t.equal(outcome, 'failed')
        await released()
        t.equal(await balance(1), 90)
      },
    )

    await t.test('all that happens below the work shares its connection', async (t) => {
      let inside: unknown
      let outside: unknown
      await harness.run(async (db) => {
        ;[inside] = await db.query('SELECT CONNECTION_ID() AS id')
        ;[outside] = await pool.query('SELECT CONNECTION_ID() AS id')
      })
      t.same(inside, outside)
      await released()
    })

    await t.test('two at the same time see nothing of one another', async (t) => {
      const ids = new Set<string>()
      const meet = barrier(2)
      const work: ContractWork = async (db) => {
        await db.query('SET @mine = CONNECTION_ID()')
        await meet()
        const [rows] = await db.query(
          'SELECT @mine = CONNECTION_ID() AS own, CONNECTION_ID() AS id',
        )
        const [row] = rows as { own: number; id: number }[]
        t.equal(row!.own, 1)
        ids.add(String(row!.id))
      }
      await Promise.all([harness.run(work), harness.run(work)])
      t.equal(ids.size, 2)
      await released()
    })

    await t.test(
      'one that waits for more than there is ends, and gives back what it had',
      async () => {
        await harness.run(async (db) => {
          for (let i = 0; i < 3; i++) await db.acquire()
        })
        await released()
      },
    )

    await t.test(
      'when it is abandoned, its statement dies at the server and its locks are free',
      async (t) => {
        let begun!: () => void
        const started = new Promise<void>((resolve) => (begun = resolve))
        let later: Promise<unknown> | undefined
        let failed: unknown
        const abandoned = harness.abandon(async (db) => {
          await db.query('START TRANSACTION')
          await db.query('UPDATE account SET balance = 0 WHERE id = 2')
          const sleeping = db.query('SELECT SLEEP(30) /* abandoned */')
          begun()
          await sleeping.catch((error: unknown) => {
            failed = error
          })
          later = db.query('UPDATE account SET balance = 0 WHERE id = 1')
          await later
        }, started)
        await abandoned
        await released()
        await waitFor(async () => {
          const list = await adminQuery(
            server,
            "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(30) /* abandoned%'",
          )
          return list.length === 0
        })
        await waitFor(() => failed !== undefined && later !== undefined)
        const error = await later!.then(
          () => undefined,
          (reason: unknown) => reason as { code?: string },
        )
        t.match(error?.code, /^ERR_(SCOPE_ENDED|ABORTED)$/)
        // Would wait for the row lock if the transaction were still open.
        await adminQuery(server, `UPDATE ${database.name}.account SET balance = 110 WHERE id = 2`)
        t.equal(await balance(2), 110)
        t.equal(await balance(1), 90)
      },
    )

    await t.test('a hundred endings of all kinds leave nothing behind', async (t) => {
      const works: ContractWork[] = [
        (db) => db.query('SELECT 1'),
        async (db) => {
          await db.query('START TRANSACTION')
          await db.query('INSERT INTO account VALUES (99, 1)')
          throw new Error('half way')
        },
        async (db) => {
          await db.query('SET @v = 1, SESSION sql_mode = ""')
        },
        () => Promise.resolve('never touches the database'),
        (db) => db.query('SELECT * FROM no_such_table'),
      ]
      const runs = Array.from({ length: 100 }, (_, i) => harness.run(works[i % works.length]!))
      const outcomes = await Promise.all(runs)
      t.equal(outcomes.filter((outcome) => outcome === 'failed').length, 40)
      await released()
      await nothingOpen()
      const [rows] = await pool.query('SELECT @v AS v, COUNT(*) AS n FROM account')
      t.same(rows, [{ v: null, n: 2 }])
    })
  })
}

/** Resolves for all when `n` have come. */
function barrier(n: number): () => Promise<void> {
  let open!: () => void
  const opened = new Promise<void>((resolve) => (open = resolve))
  let missing = n
  return () => {
    if (--missing === 0) open()
    return opened
  }
}
