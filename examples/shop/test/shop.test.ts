import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import {
  adminQuery,
  createDatabase,
  sharedDatabase,
  sharedRedis,
  threadsConnected,
  waitFor,
} from '@lifeguard/test-kit'
import t, { type Test } from 'tap'

interface Shop {
  readonly server: ChildProcess
  readonly worker: ChildProcess
  readonly orders: string
  readonly backOffice: string
}

async function openShop(t: Test, env: NodeJS.ProcessEnv): Promise<Shop> {
  const start = (file: string): ChildProcess => {
    const main = fileURLToPath(new URL(`../../dist/${file}`, import.meta.url))
    const child = spawn(process.execPath, [main], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.teardown(() => void child.kill('SIGKILL'))
    return child
  }
  const server = start('server.js')
  const worker = start('worker.js')
  const firstLine = async (child: ChildProcess): Promise<string> => {
    for await (const line of createInterface({ input: child.stdout! })) return line
    throw new Error('it ended')
  }
  const [urls] = await Promise.all([firstLine(server), firstLine(worker)])
  return { server, worker, ...(JSON.parse(urls) as { orders: string; backOffice: string }) }
}

async function closeShop({ server, worker }: Shop): Promise<unknown[]> {
  const ended = [once(server, 'exit'), once(worker, 'exit')]
  server.kill('SIGTERM')
  worker.kill('SIGTERM')
  return (await Promise.all(ended)).map(([code]) => code as unknown)
}

void t.test('every order that was acknowledged has one invoice and one mail', async (t) => {
  const database = await sharedDatabase()
  const { name, uri, drop } = await createDatabase(database, 'shop')
  const redis = await sharedRedis()
  const env = {
    DATABASE_URL: uri,
    REDIS_URL: redis.url,
    QUEUE_PREFIX: name,
    PORT: '0',
    BACK_OFFICE_PORT: '0',
    LOG_LEVEL: 'silent',
  }
  t.teardown(drop)
  const acknowledged: number[] = []
  const order = async (url: string, leavesAfter?: number): Promise<void> => {
    const body = JSON.stringify({ customer: 'Ada', total: 100 })
    const headers = { 'content-type': 'application/json' }
    const signal = leavesAfter === undefined ? null : AbortSignal.timeout(leavesAfter)
    const answer = await fetch(`${url}/orders`, { method: 'POST', body, headers, signal })
    if (answer.status === 201) acknowledged.push(((await answer.json()) as { id: number }).id)
  }
  const manyOrders = (url: string): Promise<unknown> =>
    Promise.allSettled(
      Array.from({ length: 100 }, (_, i) => order(url, i % 5 === 0 ? i : undefined)),
    )

  const first = await openShop(t, env)
  const ordering = manyOrders(first.orders)
  await waitFor(() => acknowledged.length > 10)
  t.same(await closeShop(first), [0, 0], 'both end in order, in the middle of it')
  await ordering
  await waitFor(async () => (await threadsConnected(database, name)) === 0)

  const second = await openShop(t, env)
  await manyOrders(second.orders)
  await waitFor(
    async () => {
      const report = await (await fetch(`${second.backOffice}/report`)).json()
      const { orders, invoices, mails } = report as Record<string, number>
      return orders === invoices && orders === mails
    },
    { timeout: 30_000, every: 100 },
  )
  const [cancelled] = acknowledged
  const cancel = await fetch(`${second.backOffice}/orders/${cancelled}/cancel`, { method: 'POST' })
  t.same(await cancel.json(), { cancelled: 1 })
  t.same(await closeShop(second), [0, 0])

  for (const table of ['invoice', 'mail']) {
    const rows = await adminQuery(database, `SELECT order_id FROM ${name}.${table}`)
    const found = new Set(rows.map(({ order_id }) => order_id))
    t.same(
      acknowledged.filter((id) => !found.has(id)),
      [],
      `a row in ${table} for each`,
    )
  }
  await waitFor(async () => (await threadsConnected(database, name)) === 0)
})
