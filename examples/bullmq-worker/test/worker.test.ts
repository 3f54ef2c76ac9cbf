import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import {
  adminQuery,
  createDatabase,
  sharedDatabase,
  startRedis,
  threadsConnected,
  waitFor,
} from '@lifeguard/test-kit'
import { Queue } from 'bullmq'
import t from 'tap'

const main = fileURLToPath(new URL('../../dist/worker.js', import.meta.url))

void t.test(
  'invoices are written, mails are sent once, and the worker stops in order',
  async (t) => {
    const server = await sharedDatabase()
    const database = await createDatabase(server)
    // Its queues have fixed names.
    const redis = await startRedis()
    const worker = spawn(process.execPath, [main], {
      env: { ...process.env, DATABASE_URL: database.uri, REDIS_URL: redis.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const connection = { host: redis.host, port: redis.port }
    const invoices = new Queue('invoices', { connection })
    const mails = new Queue('mails', { connection })
    t.teardown(async () => {
      worker.kill('SIGKILL')
      await invoices.close()
      await mails.close()
      await database.drop()
    })
    const orders = Array.from({ length: 30 }, (_, i) => ({ orderId: i + 1, total: 10 * (i + 1) }))
    await invoices.addBulk(orders.map((data) => ({ name: 'order', data })))
    await mails.addBulk([...orders, ...orders].map((data) => ({ name: 'order', data })))
    const wrong = await invoices.add('order', { orderId: 99, total: -1 }, { attempts: 3 })

    const count = async (from: string): Promise<number> => {
      const [row] = await adminQuery(server, `SELECT COUNT(*) AS n FROM ${database.name}.${from}`)
      return Number(row!['n'])
    }
    await waitFor(async () => (await wrong.getState()) === 'failed', { timeout: 20_000 })
    await waitFor(async () => (await count('mail WHERE sent_at IS NOT NULL')) === 30)
    t.equal(await count('invoice'), 30)

    worker.kill('SIGTERM')
    const [code] = (await once(worker, 'exit')) as [number]
    t.equal(code, 0)
    await waitFor(async () => (await threadsConnected(server, database.name)) === 0)
  },
)
