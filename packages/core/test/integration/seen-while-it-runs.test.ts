import { once } from 'node:events'

import type { LeaseSnapshot } from '@lifeguard/core'
import { digestOf } from '@lifeguard/core/inspect'
import { waitFor } from '@lifeguard/test-kit'
import t from 'tap'

import { freshPool } from '../support/fresh-pool.ts'

const CANARY = 'canary-of-a-user'

void t.test('what a connection does, however it is told to', async (t) => {
  const { pool } = await freshPool(t, { max: 1 })
  await pool.query('CREATE TABLE t (a VARCHAR(50))')
  const lease = await pool.acquire({ label: 'GET /items' })
  const look = (): LeaseSnapshot => pool.snapshot().leases[0]!
  const seen: string[] = []
  const see = (): void => {
    const { state, statement } = look()
    seen.push(`${state}: ${statement}`)
  }
  t.match(look(), { label: 'GET /items', threadId: lease.threadId, state: 'idle' })
  t.notOk(look().statement, 'what ran before was not its own')

  const queried = lease.query(`SELECT SLEEP(0.1), '${CANARY}'`)
  see()
  await queried
  see()
  await lease.query('SELECT ? AS a', [CANARY])
  see()
  await lease.execute('SELECT ? AS b', [CANARY])
  see()
  const executed = lease.execute('SELECT SLEEP(?)', [0.1])
  await waitFor(() => look().statement === 'SELECT SLEEP(?)')
  see()
  await executed
  await lease.query('START TRANSACTION')
  see()
  await lease.query('INSERT INTO t VALUES (?)', [CANARY])
  see()
  t.ok(look().transactionMs! >= look().stateMs)
  await lease.query('SELECT nonsense FROM nowhere').catch(() => {})
  see()
  await lease.query('ROLLBACK')
  see()
  const stream = lease.connection.query(`SELECT '${CANARY}' AS c`).stream()
  stream.resume()
  await once(stream, 'end')
  see()
  await lease.transaction(() => {
    see()
  })
  see()
  t.strictSame(seen, [
    'running: SELECT SLEEP(?), ?',
    'idle: SELECT SLEEP(?), ?',
    'idle: SELECT ? AS a',
    'idle: SELECT ? AS b',
    'running: SELECT SLEEP(?)',
    'transaction: START TRANSACTION',
    'transaction: INSERT INTO t VALUES (?)',
    'transaction: SELECT nonsense FROM nowhere',
    'idle: ROLLBACK',
    'idle: SELECT ? AS c',
    'transaction: START TRANSACTION',
    'idle: COMMIT',
  ])
  t.notMatch(JSON.stringify(pool.snapshot()), CANARY)
  await lease.release()
  t.strictSame(pool.snapshot().leases, [])
})

void t.test('statements that are queued on one connection begin one after the other', async (t) => {
  const { pool } = await freshPool(t, { max: 1 })
  const lease = await pool.acquire()
  const first = lease.query('SELECT SLEEP(0.2) AS first')
  const second = lease.query("SELECT SLEEP(0.2) AS second, 'x'")
  const look = (): LeaseSnapshot => pool.snapshot().leases[0]!
  t.equal(look().statement, 'SELECT SLEEP(?) AS first')
  await first
  t.match(look(), { state: 'running', statement: 'SELECT SLEEP(?) AS second, ?' })
  t.ok(look().stateMs < 150, 'since it began, not since it was asked for')
  await second
  t.equal(look().state, 'idle')
  await lease.release()
})

void t.test('what ended it is seen, too', async (t) => {
  const { pool } = await freshPool(t, { max: 3 })
  await pool.query('CREATE TABLE t (a INT PRIMARY KEY, b INT)')
  await pool.query('INSERT INTO t VALUES (1, 1), (2, 2)')
  const [lease, other] = [await pool.acquire({ label: 'x' }), await pool.acquire({ label: 'y' })]
  const look = (): LeaseSnapshot => pool.snapshot().leases.find(({ label }) => label === 'x')!

  await lease.execute('SELECT 1 + ?', [1])
  lease.connection.unprepare('SELECT 1 + ?')
  t.match(look(), { state: 'idle', statement: 'SELECT ? + ?' }, 'to close a statement is no work')

  await lease.query('BEGIN')
  await lease.query('UPDATE t SET b = 5 WHERE a = 1')
  const before = look()
  await lease.connection.promise().ping()
  t.match(look(), { state: 'transaction', statement: before.statement }, 'nor is a ping')
  t.ok(look().stateMs >= before.stateMs)

  await other.query('BEGIN')
  await other.query('UPDATE t SET b = 5 WHERE a = 2')
  const ends = await Promise.allSettled([
    lease.query('UPDATE t SET b = 6 WHERE a = 2'),
    other.query('UPDATE t SET b = 6 WHERE a = 1'),
  ])
  const victim = ends[0].status === 'rejected' ? 'x' : 'y'
  const lost = pool.snapshot().leases.find(({ label }) => label === victim)!
  t.equal(lost.transactionMs, undefined, 'a deadlock has undone it')

  const { threadId } = lease
  const killed = lease.query('SELECT SLEEP(60)').catch(() => {})
  await pool.query(`KILL ${threadId}`)
  await killed
  await waitFor(() => look().state === 'idle')
  t.equal(look().transactionMs, undefined, 'nothing runs on a connection that is lost')
})

void t.test('of a long statement, the digest says that it is not all', async (t) => {
  const { pool } = await freshPool(t, { max: 1 })
  const list = Array.from({ length: 3000 }, (_, i) => i).join(', ')
  const sql = `SELECT 1 FROM DUAL WHERE 1 IN (${list}) AND 2 = 2`
  await pool.use(async (lease) => {
    await lease.query(sql)
    const { statement } = pool.snapshot().leases[0]!
    t.equal(statement, digestOf(sql))
    t.match(statement, /…$/)
  })
})

void t.test('a tracer is told of the waiting', async (t) => {
  const { pool } = await freshPool(t, { name: 'traced', max: 1, acquireTimeout: 300 })
  const { tracingChannel } = await import('node:diagnostics_channel')
  const seen: string[] = []
  const tell = (what: string) => (message: unknown) => {
    const { pool: name, label } = message as { pool: string; label: string }
    if (name === 'traced') seen.push(`${what} ${label}`)
  }
  const subscribers = {
    start: tell('start'),
    end: () => {},
    asyncStart: () => {},
    asyncEnd: tell('end'),
    error: tell('error'),
  }
  const channel = tracingChannel('lifeguard:acquire')
  channel.subscribe(subscribers)
  await pool.use((lease) => lease.query('SELECT 1'), { label: 'alone' })
  await pool.scope({ label: 'scope' }, async (scope) => {
    await scope.query('SELECT 1')
    await pool
      .openScope({ label: 'late' })
      .query('SELECT 1')
      .catch(() => {})
  })
  channel.unsubscribe(subscribers)
  await pool.query('SELECT 1')
  t.strictSame(seen, [
    'start alone',
    'end alone',
    'start scope',
    'end scope',
    'start late',
    'error late',
    'end late',
  ])
})
