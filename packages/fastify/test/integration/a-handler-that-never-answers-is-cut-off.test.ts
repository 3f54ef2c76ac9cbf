import { waitFor } from '@lifeguard/test-kit'
import t from 'tap'

import { bankApp } from '../support/bank-app.ts'

void t.test('after timeout its connection is back and its work undone', async (t) => {
  const lines: string[] = []
  const { app, bank, pool } = await bankApp(t, {
    plugin: { timeout: 150 },
    server: { logger: { level: 'warn', stream: { write: (line) => void lines.push(line) } } },
  })
  app.get('/never/:id', async (request) => {
    await request.db.query('START TRANSACTION')
    await request.db.query('UPDATE account SET balance = 0 WHERE id = 1')
    return new Promise(() => {})
  })
  const stop = new AbortController()
  const url = await app.listen({ port: 0 })
  const asking = fetch(`${url}/never/42`, { signal: stop.signal }).catch(() => {})
  await waitFor(() => pool.stats().released === 1 && pool.stats().busy === 0)
  t.equal(await bank.balance(1), 100)
  t.equal(lines.length, 1)
  t.match(JSON.parse(lines[0]!), { msg: /cut off from the database/, timeout: 150, reqId: 'req-1' })
  stop.abort()
  await asking
})

void t.test('a route has a time of its own', async (t) => {
  const { app } = await bankApp(t, { plugin: { timeout: 50 } })
  app.get('/', { config: { db: { timeout: 20_000 } } }, async (request) => {
    await request.db.query('SELECT SLEEP(0.2)')
    return 'in time'
  })
  t.equal((await app.inject('/')).body, 'in time')
})
