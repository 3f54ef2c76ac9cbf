import type { Scope } from '@lifeguard/core'
import { waitFor } from '@lifeguard/test-kit'
import t from 'tap'

import { bankApp } from '../support/bank-app.ts'
import { lateUse } from '../support/late-use.ts'

void t.test('when the reply has come', async (t) => {
  const { app, bank, pool } = await bankApp(t)
  let db!: Scope
  app.get('/', async (request) => {
    db = request.db
    await db.query('START TRANSACTION')
    await db.query('UPDATE account SET balance = 0 WHERE id = 1')
    return 'ok'
  })
  t.equal((await app.inject('/')).body, 'ok')
  await waitFor(() => pool.stats().inUse + pool.stats().busy === 0)
  t.equal(await lateUse(db), 'ERR_SCOPE_ENDED')
  t.equal(await bank.balance(1), 100)
})

void t.test('when it is aborted', async (t) => {
  const { app, pool } = await bankApp(t)
  let db!: Scope
  app.get('/', async (request) => {
    db = request.db
    await db.query('SELECT SLEEP(30)')
  })
  const abort = new AbortController()
  const asking = app.inject({ url: '/', signal: abort.signal }).catch(() => {})
  await waitFor(() => pool.stats().inUse === 1)
  abort.abort()
  await asking
  await waitFor(() => pool.stats().inUse + pool.stats().busy === 0)
  t.equal(await lateUse(db), 'ERR_SCOPE_ENDED')
  t.match(pool.stats(), { acquired: 1, released: 1, kills: 1 })
})
