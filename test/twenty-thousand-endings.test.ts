import { Agent, request } from 'node:http'

import { createPool } from '@lifeguard/core'
import {
  createBank,
  openTransactions,
  sharedDatabase,
  threadsConnected,
  waitFor,
} from '@lifeguard/test-kit'
import t from 'tap'

import { PATHS, startEndingsApp } from './support/load/endings-app.ts'
import { usedHeap } from './support/load/heap.ts'
import { many } from './support/load/many.ts'
import { randomOf } from './support/load/random.ts'

const REQUESTS = 20_000
const WARM_UP = 4000
const AT_ONCE = 200
/** What sockets, plans and statistics may still add after the warm-up; a leak of 1 kB a request would be 16. */
const HEAP_GROWTH_MB = 8

void t.test(
  '20 000 requests that end in all ways, 200 at a time, leave nothing behind',
  async (t) => {
    const server = await sharedDatabase()
    const bank = await createBank()
    const pool = createPool({ uri: bank.uri, min: 0, max: 20, acquireTimeout: 60_000 })
    const app = await startEndingsApp(pool)
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
    const rejections: unknown[] = []
    const onRejection = (reason: unknown): void => void rejections.push(reason)
    process.on('unhandledRejection', onRejection)
    t.teardown(async () => {
      process.off('unhandledRejection', onRejection)
      agent.destroy()
      await app.close()
      await pool.end()
      await bank.drop()
    })

    const random = randomOf(20)
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
    const outcomes = new Map<string, number>()

    const oneRequest = (): Promise<void> =>
      new Promise((resolve) => {
        const leaves = random() < 0.3
        const path = pick(PATHS)
        const options = { agent, method: pick(['GET', 'POST']), timeout: 60_000 }
        const outgoing = request(`${pick(app.urls)}/${path}`, options, (response) => {
          outcome(String(response.statusCode))
          response
            .resume()
            .on('close', resolve)
            .on('error', () => {})
        })
        const outcome = (what: string): void =>
          void outcomes.set(what, (outcomes.get(what) ?? 0) + 1)
        outgoing.on('error', () => {
          outcome('torn off')
          resolve()
        })
        // A client that leaves does so before, while or after its handler works.
        if (leaves) setTimeout(() => outgoing.destroy(), random() * 60)
        if (options.method === 'GET') {
          outgoing.end()
          return
        }
        outgoing.setHeader('content-type', 'application/json')
        // Some uploads never come to their end.
        if (leaves && random() < 0.3) {
          outgoing.setHeader('content-length', '1000')
          outgoing.write('{"a":')
        } else {
          outgoing.end('{"a":1}')
        }
      })
    const quiet = (): Promise<void> =>
      waitFor(
        () => {
          const { inUse, waiting, busy } = pool.stats()
          return inUse + waiting + busy === 0
        },
        { timeout: 30_000, label: 'everything is back' },
      )

    await many(WARM_UP, AT_ONCE, oneRequest)
    await quiet()
    const before = await usedHeap()
    await many(REQUESTS - WARM_UP, AT_ONCE, oneRequest)
    await quiet()
    const growth = (await usedHeap()) - before

    const stats = pool.stats()
    t.comment(Object.fromEntries(outcomes), { growth, ...stats, wait: 0, use: 0, connect: 0 })
    t.match(stats, { inUse: 0, waiting: 0, busy: 0 })
    t.equal(stats.acquired, stats.released)
    t.ok(stats.acquired > REQUESTS / 2)
    t.ok(stats.total <= 20)
    await waitFor(async () => (await threadsConnected(server, bank.name)) === pool.stats().total)
    await waitFor(async () => (await openTransactions(server, bank.name)) === 0, { every: 150 })
    t.equal(await bank.balance(1), 100)
    t.ok(growth < HEAP_GROWTH_MB, `the heap has grown by ${growth.toFixed(1)} MB`)
    t.same(rejections, [])
  },
)
