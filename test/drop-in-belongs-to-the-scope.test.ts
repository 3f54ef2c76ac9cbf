import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { withDbConnection } from '@lifeguard/bullmq'
import { releaseDbConnection as expressRelease } from '@lifeguard/express'
import { releaseDbConnection as fastifyRelease } from '@lifeguard/fastify'
import { createPool, escape, escapeId, format, type Pool } from '@lifeguard/mysql2'
import {
  createDatabase,
  get,
  openTransactions,
  sharedDatabase,
  sharedRedis,
  waitFor,
} from '@lifeguard/test-kit'
import { Queue, Worker } from 'bullmq'
import express from 'express'
import myConnection from 'express-myconnection'
import fastify from 'fastify'
import type { PoolConnection } from 'mysql2'
import t, { type Test } from 'tap'

/** More often than there are connections. */
const TIMES = 12

async function freshPool(t: Test): Promise<{ pool: Pool; uri: string; isEmpty(): Promise<void> }> {
  const server = await sharedDatabase()
  const database = await createDatabase(server)
  const pool = createPool({ uri: database.uri, connectionLimit: 3 })
  await pool.promise().query('CREATE TABLE item (name VARCHAR(20))')
  t.teardown(async () => {
    await pool.lifeguard.end({ deadline: 100 })
    await database.drop()
  })
  return {
    pool,
    uri: database.uri,
    /** Nothing is lent, open or written. */
    async isEmpty() {
      await waitFor(() => pool.lifeguard.stats().inUse === 0)
      t.equal(await openTransactions(server, database.name), 0)
      const [rows] = await pool.promise().query('SELECT * FROM item')
      t.strictSame(rows, [])
      const { acquired, released, total } = pool.lifeguard.stats()
      t.equal(acquired, released)
      t.ok(total <= 3)
    },
  }
}

/** What a handler does that leaks: an early return between `getConnection` and `release`. */
function forgetful(connection: PoolConnection, done: (error: Error | null) => void): void {
  connection.beginTransaction((error) => {
    if (error) return done(error)
    connection.query("INSERT INTO item VALUES ('forgotten')", done)
  })
}

void t.test('code in the style of @fastify/mysql, in a Fastify request', async (t) => {
  const { pool, isEmpty } = await freshPool(t)
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(fastifyRelease, { pool: pool.lifeguard })
  const mysql = {
    pool,
    query: pool.query.bind(pool),
    execute: pool.execute.bind(pool),
    getConnection: pool.getConnection.bind(pool),
    format,
    escape,
    escapeId,
  }
  app.decorate('mysql', mysql)
  app.get('/count', (_request, reply) => {
    mysql.query('SELECT COUNT(*) AS n FROM item', (error, rows) => {
      void reply.send(error ?? rows)
    })
  })
  app.get('/forgets', (_request, reply) => {
    mysql.getConnection((error, connection) => {
      if (error) void reply.send(error)
      else forgetful(connection, (failure) => void reply.send(failure ?? 'no release'))
    })
  })
  app.get('/forgets-a-promise', async () => {
    const connection = await pool.promise().getConnection()
    await connection.beginTransaction()
    await connection.query("INSERT INTO item VALUES ('forgotten')")
    return 'no release'
  })
  for (let i = 0; i < TIMES; i++) {
    t.equal((await app.inject('/forgets')).body, 'no release')
    t.equal((await app.inject('/forgets-a-promise')).body, 'no release')
  }
  t.strictSame((await app.inject('/count')).json(), [{ n: 0 }])
  await isEmpty()
})

void t.test('express-myconnection, in an Express request', async (t) => {
  const { pool, uri, isEmpty } = await freshPool(t)
  const app = express()
  app.use(expressRelease(pool.lifeguard))
  app.use(myConnection({ createPool: () => pool }, { uri }, 'pool'))
  app.get('/forgets', (_req, res, next) => {
    pool.getConnection((error, connection) => {
      if (error) return next(error)
      forgetful(connection, (failure) => (failure ? next(failure) : res.send('no release')))
    })
  })
  app.get('/own', (req, res, next) => {
    const { getConnection } = req as unknown as { getConnection: Pool['getConnection'] }
    getConnection((error, connection) => {
      if (error) return next(error)
      connection.query('SELECT COUNT(*) AS n FROM item', (failure, rows) => {
        if (failure) next(failure)
        else res.json(rows)
      })
    })
  })
  const server: Server = app.listen(0)
  await once(server, 'listening')
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (let i = 0; i < TIMES; i++) {
    t.match(await get(`${url}/forgets`), { status: 200, body: 'no release' })
    t.match(await get(`${url}/own`), { status: 200, body: '[{"n":0}]' })
  }
  await isEmpty()
})

void t.test('a job', async (t) => {
  const { pool, isEmpty } = await freshPool(t)
  const { host, port } = await sharedRedis()
  const connection = { host, port }
  const name = `drop-in-${process.pid}`
  const queue = new Queue(name, { connection })
  const promised = pool.promise()
  const worker = new Worker(
    name,
    withDbConnection(pool.lifeguard, async () => {
      const forgotten = await promised.getConnection()
      await forgotten.beginTransaction()
      await forgotten.query("INSERT INTO item VALUES ('forgotten')")
    }),
    { connection, concurrency: 3 },
  )
  t.teardown(async () => {
    await worker.close()
    await queue.obliterate({ force: true })
    await queue.close()
  })
  let completed = 0
  worker.on('completed', () => completed++)
  worker.on('failed', (_job, error) => t.error(error))
  await queue.addBulk(Array.from({ length: TIMES }, () => ({ name: 'forgets', data: {} })))
  await waitFor(() => completed === TIMES)
  await isEmpty()
})

void t.test('a statement of the scope runs on its connection, in its transaction', async (t) => {
  const { pool, isEmpty } = await freshPool(t)
  const promised = pool.promise()
  await pool.lifeguard.scope({ hold: 'request' }, async () => {
    await promised.query('SET @mine = 1')
    const [rows] = await promised.query('SELECT @mine AS mine')
    t.strictSame(rows, [{ mine: 1 }])
    const called = await new Promise((resolve) => {
      pool.query('SELECT @mine AS mine', (_error, answer) => resolve(answer))
    })
    t.strictSame(called, [{ mine: 1 }])
    const streamed = await pool.query('SELECT @mine AS mine').stream().toArray()
    t.strictSame(streamed, [{ mine: 1 }])
    t.equal(pool.lifeguard.stats().inUse, 1)
  })
  const failed = pool.lifeguard.transaction(async () => {
    await promised.query("INSERT INTO item VALUES ('undone')")
    await pool.query("INSERT INTO item VALUES ('undone, too')").stream().toArray()
    throw new Error('changed my mind')
  })
  await t.rejects(failed, { message: 'changed my mind' })
  await isEmpty()
})
