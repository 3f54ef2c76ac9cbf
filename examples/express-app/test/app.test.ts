import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { adminQuery, createDatabase, sharedDatabase } from '@lifeguard/test-kit'
import t from 'tap'

const main = fileURLToPath(new URL('../../dist/server.js', import.meta.url))

async function listening(server: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: server.stdout! })) {
    const url = /listening on (.*)/.exec(line)?.[1]
    if (url) return url
  }
  throw new Error('the server ended')
}

void t.test('the app takes orders while there is stock, and stops in order', async (t) => {
  const database = await createDatabase(await sharedDatabase())
  const server = spawn(process.execPath, [main], {
    env: { ...process.env, DATABASE_URL: database.uri, PORT: '0', LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(async () => {
    server.kill('SIGKILL')
    await database.drop()
  })
  const url = await listening(server)
  const order = (quantity: number): Promise<Response> =>
    fetch(`${url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ productId: 1, quantity }),
    })

  const answers = await Promise.all(Array.from({ length: 8 }, () => order(2)))
  const statuses = answers.map(({ status }) => status)
  t.equal(statuses.filter((status) => status === 201).length, 5)
  t.equal(statuses.filter((status) => status === 409).length, 3)
  const products = await (await fetch(`${url}/products`)).json()
  t.match(products, [{ id: 1, stock: 0 }])
  const [orders] = await adminQuery(
    await sharedDatabase(),
    `SELECT COUNT(*) AS n FROM ${database.name}.orders`,
  )
  t.equal(Number(orders!['n']), 5, 'refused orders left no row')
  t.match(await (await fetch(`${url}/health`)).json(), { inUse: 0, waiting: 0 })

  server.kill('SIGTERM')
  const [code] = await once(server, 'exit')
  t.equal(code, 0)
})
