// It must be loaded before mysql2 is.
// oxlint-disable-next-line import/no-unassigned-import
import './support/orm/tracing.ts'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

import { createPool, type Pool } from '@lifeguard/mysql2'
import { sharedDatabase } from '@lifeguard/test-kit'
import t, { type Test } from 'tap'

import { spansBelow } from './support/orm/tracing.ts'

async function freshPool(t: Test): Promise<Pool> {
  const pool = createPool({
    uri: (await sharedDatabase()).uri('mysql'),
    connectionLimit: 1,
    name: 'traced',
  })
  t.teardown(() => pool.lifeguard.end({ deadline: 100 }))
  return pool
}

void t.test("OpenTelemetry sees every statement, below its caller's span", async (t) => {
  const pool = await freshPool(t)
  const promised = pool.promise()
  const statements = async (): Promise<void> => {
    // Over one connection, so that most of them wait for somebody else's to come back.
    await Promise.all([
      promised.query('SELECT 1'),
      promised.execute('SELECT 2'),
      new Promise((resolve) => pool.query('SELECT 3', resolve)),
      pool.query('SELECT 4').stream().toArray(),
      promised.getConnection().then(async (connection) => {
        await connection.query('SELECT 5')
        connection.release()
      }),
    ])
  }
  const both = await Promise.all([spansBelow(statements), spansBelow(statements)])
  for (const spans of both) {
    const seen = spans.map(
      ({ attributes }) => attributes['db.statement'] ?? attributes['db.query.text'],
    )
    t.strictSame(new Set(seen), new Set([1, 2, 3, 4, 5].map((n) => `SELECT ${n}`)))
    t.equal(seen.length, 5)
  }
})

void t.test("mysql2's channels tell of every statement", async (t) => {
  const pool = await freshPool(t)
  await pool.promise().query('DO 0')
  const seen: unknown[] = []
  const start = (message: unknown): void => void seen.push((message as { query: string }).query)
  const channels = ['query', 'execute'].map((name) => `tracing:mysql2:${name}:start`)
  for (const channel of channels) subscribe(channel, start)
  await pool.promise().query('SELECT 1')
  await pool.promise().execute('SELECT 2')
  await new Promise((resolve) => pool.query('SELECT 3', resolve))
  await pool.query('SELECT 4').stream().toArray()
  for (const channel of channels) unsubscribe(channel, start)
  t.strictSame(seen, ['SELECT 1', 'SELECT 2', 'SELECT 3', 'SELECT 4'])
})

void t.test("Lifeguard's channels add the pool's facts", async (t) => {
  const seen: [string, unknown][] = []
  const names = ['connected', 'acquired', 'queued', 'released', 'ended'].map(
    (name) => `lifeguard:${name}`,
  )
  const listener = (message: unknown, name: string | symbol): void =>
    void seen.push([String(name), message])
  for (const name of names) subscribe(name, listener)
  const pool = await freshPool(t)
  await Promise.all([pool.promise().query('SELECT 1'), pool.promise().query('SELECT 2')])
  await pool.lifeguard.end()
  for (const name of names) unsubscribe(name, listener)
  t.ok(seen.every(([, message]) => (message as { pool: string }).pool === 'traced'))
  const told = new Map(seen)
  t.match(told.get('lifeguard:connected'), {
    connection: Number,
    threadId: Number,
    connectMs: Number,
  })
  t.match(told.get('lifeguard:queued'), { waiting: Number })
  t.match(told.get('lifeguard:acquired'), { connection: Number, waitMs: Number })
  t.match(told.get('lifeguard:released'), { connection: Number, useMs: Number })
  t.ok(told.has('lifeguard:ended'))
})
