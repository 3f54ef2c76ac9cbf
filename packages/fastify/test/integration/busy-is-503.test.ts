import { createPool } from '@lifeguard/core'
import { releaseDbConnection } from '@lifeguard/fastify'
import { sharedDatabase } from '@lifeguard/test-kit'
import fastify from 'fastify'
import t from 'tap'

void t.test('who gets no connection in time is told to come back later', async (t) => {
  const server = await sharedDatabase()
  const pool = createPool({ uri: server.uri('mysql'), max: 1, acquireTimeout: 50 })
  const app = fastify()
  await app.register(releaseDbConnection, { pool })
  app.get('/', async (request) => (await request.db.query('SELECT 1'))[0])
  t.teardown(async () => {
    await app.close()
    await pool.end()
  })
  // The first one connects, which may take longer than the others are to wait.
  const lease = await pool.acquire({ timeout: 10_000 })
  const refused = await app.inject('/')
  t.equal(refused.statusCode, 503)
  t.equal(refused.headers['retry-after'], '1')
  t.equal(refused.json<{ code: string }>().code, 'ERR_ACQUIRE_TIMEOUT')
  await lease.release()
  t.equal((await app.inject('/')).statusCode, 200)
})
