import { withDbConnection } from '@lifeguard/bullmq'
import { createPool } from '@lifeguard/core'
import { createDatabase, sharedDatabase, sharedRedis, waitFor } from '@lifeguard/test-kit'
import { Queue, Worker } from 'bullmq'
import t from 'tap'

void t.test('500 jobs at concurrency 50 over 10 connections are all finished', async (t) => {
  const server = await sharedDatabase()
  const database = await createDatabase(server)
  const pool = createPool({ uri: database.uri, min: 0, max: 10 })
  const { host, port } = await sharedRedis()
  const connection = { host, port }
  const name = `invoices-${process.pid}`
  const queue = new Queue(name, { connection })
  await pool.query('CREATE TABLE invoice (id INT PRIMARY KEY)')
  const worker = new Worker<{ id: number }>(
    name,
    withDbConnection(pool, (job, { db }) =>
      db.transaction(async (tx) => {
        await tx.query('INSERT INTO invoice (id) VALUES (?)', [job.data.id])
        await tx.query('SELECT COUNT(*) FROM invoice')
      }),
    ),
    { connection, concurrency: 50 },
  )
  t.teardown(async () => {
    await worker.close()
    await queue.obliterate({ force: true })
    await queue.close()
    await pool.end()
    await database.drop()
  })
  let completed = 0
  let failed = 0
  worker.on('completed', () => completed++)
  worker.on('failed', () => failed++)
  await queue.addBulk(Array.from({ length: 500 }, (_, id) => ({ name: 'invoice', data: { id } })))
  await waitFor(() => completed + failed === 500, { timeout: 30_000 })
  t.equal(failed, 0)
  t.same((await pool.query('SELECT COUNT(*) AS n FROM invoice'))[0], [{ n: 500 }])
  const { inUse, waiting, total, created } = pool.stats()
  t.match({ inUse, waiting }, { inUse: 0, waiting: 0 })
  t.ok(total <= 10)
  t.ok(created <= 10)
})
