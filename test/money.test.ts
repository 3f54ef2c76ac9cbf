import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { Agent, request } from 'node:http'
import type { AddressInfo } from 'node:net'

import { withDbConnection } from '@lifeguard/bullmq'
import { createPool, type Pool, type Scope } from '@lifeguard/core'
import { releaseDbConnection as expressRelease, transaction } from '@lifeguard/express'
import { releaseDbConnection } from '@lifeguard/fastify'
import {
  adminQuery,
  createDatabase,
  openTransactions,
  sharedDatabase,
  sharedRedis,
  waitFor,
} from '@lifeguard/test-kit'
import { type Job, Queue, QueueEvents, Worker } from 'bullmq'
import express from 'express'
import fastify from 'fastify'
import t from 'tap'

import { many } from './support/load/many.ts'
import { randomOf } from './support/load/random.ts'

const TRANSFERS = 1500
const ACCOUNTS = 20

interface Transfer {
  readonly id: string
  readonly from: number
  readonly to: number
  readonly fails: boolean
}

/** How somebody who asked for a transfer learned of its end. */
type Outcome = 'acknowledged' | 'refused' | 'in doubt' | 'unknown'

/** The connection was killed, perhaps between a COMMIT and its answer. */
const LOST = /connection lost|ECONNRESET|closed/i

/** What all of them do, each in the transaction of its adapter. */
async function move(db: Scope, { id, from, to, fails }: Transfer): Promise<void> {
  await db.query('INSERT INTO transfer VALUES (?, ?, ?)', [id, from, to])
  // In the order of the accounts, so that two of them do not wait for one another.
  const steps = [
    [from, -1],
    [to, 1],
  ].toSorted(([a], [b]) => a! - b!)
  for (const [account, amount] of steps) {
    await db.query('UPDATE account SET balance = balance + ? WHERE id = ?', [amount, account])
  }
  if (fails) throw new Error('changed its mind')
}

const refused = (message: string): Outcome => (LOST.test(message) ? 'in doubt' : 'refused')

const asTransfer = (query: unknown): Transfer => {
  const { id, from, to, fails } = query as Record<string, string>
  return { id: id!, from: Number(from), to: Number(to), fails: fails === 'true' }
}

void t.test('what was acknowledged is committed, and what was refused is not', async (t) => {
  const server = await sharedDatabase()
  const database = await createDatabase(server, 'money')
  const pool = createPool({ uri: database.uri, min: 0, max: 10, acquireTimeout: 60_000 })
  await pool.query('CREATE TABLE account (id INT PRIMARY KEY, balance INT NOT NULL)')
  await pool.query(
    'CREATE TABLE transfer (id CHAR(36) PRIMARY KEY, from_id INT NOT NULL, to_id INT NOT NULL)',
  )
  for (let id = 1; id <= ACCOUNTS; id++) {
    await pool.query('INSERT INTO account VALUES (?, 1000)', [id])
  }

  const jobs = await startJobs(pool)
  const apps = [await startFastify(pool), await startExpress(pool)]
  const agent = new Agent({ keepAlive: true })
  t.teardown(async () => {
    agent.destroy()
    for (const app of apps) await app.close()
    await jobs.close()
    await pool.end()
    await database.drop()
  })

  const random = randomOf(7)
  const whole = (below: number): number => Math.floor(random() * below)
  const outcomes = new Map<string, Outcome>()

  const byHttp = (url: string, transfer: Transfer, leaves: boolean): Promise<Outcome> =>
    new Promise((resolve) => {
      const query = new URLSearchParams(
        Object.entries(transfer).map(([k, v]): [string, string] => [k, String(v)]),
      )
      const outgoing = request(
        `${url}/move?${query.toString()}`,
        { agent, method: 'POST' },
        (response) => {
          const { statusCode } = response
          let body = ''
          response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
          response.on('end', () => resolve(statusCode === 200 ? 'acknowledged' : refused(body)))
          response.on('error', () => resolve('unknown'))
        },
      )
      outgoing.on('error', () => resolve('unknown'))
      outgoing.end()
      if (leaves) setTimeout(() => outgoing.destroy(), random() * 30)
    })

  /** Someone kills one of our connections at the server, wherever it stands. */
  const killOne = async (): Promise<void> => {
    const rows = await adminQuery(
      server,
      `SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '${database.name}'`,
    )
    const victim = rows[whole(rows.length)]
    if (victim) await adminQuery(server, `KILL ${Number(victim['ID'])}`).catch(() => {})
  }

  await many(TRANSFERS, 40, async (i) => {
    if (i % 50 === 0) await killOne()
    const from = 1 + whole(ACCOUNTS)
    const to = 1 + ((from + whole(ACCOUNTS - 1)) % ACCOUNTS)
    const transfer = { id: randomUUID(), from, to, fails: random() < 0.2 }
    const leaves = random() < 0.25
    const way = whole(3)
    const outcome = way < 2 ? byHttp(apps[way]!.url, transfer, leaves) : jobs.run(transfer, leaves)
    outcomes.set(transfer.id, await outcome)
  })
  await waitFor(() => pool.stats().inUse + pool.stats().waiting + pool.stats().busy === 0)
  await waitFor(async () => (await openTransactions(server, database.name)) === 0, { every: 150 })

  const [moved] = (await pool.query('SELECT * FROM transfer')) as unknown as [
    { id: string; from_id: number; to_id: number }[],
  ]
  const committed = new Set(moved.map(({ id }) => id))
  const count = (outcome: Outcome, isCommitted: boolean): number =>
    [...outcomes].filter(([id, was]) => was === outcome && committed.has(id) === isCommitted).length
  t.comment({
    acknowledged: count('acknowledged', true),
    refused: count('refused', false),
    'in doubt': count('in doubt', true) + count('in doubt', false),
    'unknown, committed': count('unknown', true),
    'unknown, not committed': count('unknown', false),
  })
  t.equal(count('acknowledged', false), 0, 'nothing acknowledged is lost')
  t.equal(count('refused', true), 0, 'nothing refused is done')
  t.ok(count('acknowledged', true) > TRANSFERS / 4)
  t.ok(count('refused', false) > TRANSFERS / 20)

  const expected = new Map<number, number>()
  for (const { from_id, to_id } of moved) {
    expected.set(from_id, (expected.get(from_id) ?? 1000) - 1)
    expected.set(to_id, (expected.get(to_id) ?? 1000) + 1)
  }
  const [accounts] = (await pool.query('SELECT * FROM account')) as unknown as [
    { id: number; balance: number }[],
  ]
  for (const { id, balance } of accounts) t.equal(balance, expected.get(id) ?? 1000)
})

interface App {
  readonly url: string
  close(): Promise<unknown>
}

async function startFastify(pool: Pool): Promise<App> {
  const app = fastify({ forceCloseConnections: true })
  await app.register(releaseDbConnection, { pool })
  app.post('/move', { config: { db: { transaction: true } } }, async (request) => {
    await move(request.db, asTransfer(request.query))
    return 'done'
  })
  return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() }
}

async function startExpress(pool: Pool): Promise<App> {
  const app = express()
  app.set('env', 'test')
  app.use(expressRelease(pool))
  app.post(
    '/move',
    transaction(async (req, res) => {
      await move(req.db, asTransfer(req.query))
      res.send('done')
    }),
  )
  const answerErrors: express.ErrorRequestHandler = (error: Error, _req, res, _next) => {
    res.status(500).send(error.message)
  }
  app.use(answerErrors)
  const server = await new Promise<Server>((resolve) => {
    const listening: Server = app.listen(0, '127.0.0.1', () => resolve(listening))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Jobs {
  run(transfer: Transfer, leaves: boolean): Promise<Outcome>
  close(): Promise<void>
}

async function startJobs(pool: Pool): Promise<Jobs> {
  const { host, port } = await sharedRedis()
  const connection = { host, port }
  const name = `money-${randomUUID()}`
  const queue = new Queue(name, { connection })
  queue.setMaxListeners(0)
  const events = new QueueEvents(name, { connection })
  events.setMaxListeners(0)
  const worker = new Worker(
    name,
    withDbConnection(pool, (job: Job<Transfer>, { db }) => move(db, job.data), {
      transaction: true,
    }),
    { connection, concurrency: 20 },
  )
  worker.on('error', () => {})
  await Promise.all([events.waitUntilReady(), worker.waitUntilReady()])
  return {
    async run(transfer, leaves) {
      const job = await queue.add('move', transfer)
      if (leaves) setTimeout(() => worker.cancelJob(job.id!), 2)
      return job.waitUntilFinished(events).then(
        () => 'acknowledged',
        (error: Error) => refused(error.message),
      )
    },
    async close() {
      await worker.close()
      await events.close()
      await queue.obliterate({ force: true })
      await queue.close()
    },
  }
}
