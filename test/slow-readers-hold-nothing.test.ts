import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import { createPool } from '@lifeguard/core'
import { releaseDbConnection } from '@lifeguard/fastify'
import { get, sharedDatabase, waitFor } from '@lifeguard/test-kit'
import fastify from 'fastify'
import t from 'tap'

import { many } from './support/load/many.ts'

const READERS = 200
const REQUESTS = 2000

void t.test(
  '200 of them on a pool of 5: others are served as if they were not there',
  async (t) => {
    const server = await sharedDatabase()
    const pool = createPool({ uri: server.uri('mysql'), min: 0, max: 5, acquireTimeout: 30_000 })
    const app = fastify({ forceCloseConnections: true })
    await app.register(releaseDbConnection, { pool })
    // Made once: it is the reading that is slow, not the making.
    const large = Buffer.alloc(8 * 1024 * 1024, 'x')
    app.get('/large', async (request) => {
      await request.db.query('SELECT 1')
      return large
    })
    app.get('/small', async (request) => {
      await request.db.query('SELECT 1')
      return 'ok'
    })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = new URL(url)
    const readers: Socket[] = []
    t.teardown(async () => {
      for (const reader of readers) reader.destroy()
      await app.close()
      await pool.end()
    })

    const serveOthers = async (): Promise<number> => {
      const start = performance.now()
      await many(REQUESTS, 20, async () => {
        const { status } = await get(`${url}/small`)
        if (status !== 200) throw new Error(`answered with ${status}`)
      })
      return performance.now() - start
    }
    await serveOthers()
    const alone = await serveOthers()

    for (let i = 0; i < READERS; i++) {
      const reader = connect(Number(port), '127.0.0.1')
      reader.write('GET /large HTTP/1.1\r\nhost: localhost\r\n\r\n')
      readers.push(reader)
      // The first bytes are there; the rest waits, on both sides.
      await once(reader, 'readable')
    }
    await waitFor(() => pool.stats().inUse + pool.stats().busy === 0)
    const open = (): number => readers.filter((reader) => !reader.closed).length
    t.equal(open(), READERS)

    const before = pool.stats().acquired
    const beside = await serveOthers()
    t.comment(`time beside them / alone: ${(beside / alone).toFixed(2)}`)
    t.equal(open(), READERS, 'they are still reading')
    t.equal(pool.stats().acquired - before, REQUESTS)
    t.match(pool.stats(), { inUse: 0, timeouts: 0 })
  },
)
