import { transaction } from '@lifeguard/express'
import { waitFor } from '@lifeguard/test-kit'
import compression from 'compression'
import session from 'express-session'
import helmet from 'helmet'

import { onEachExpress } from '../support/bank-app.ts'

onEachExpress('compression, sessions and helmet in one app', async (t, world) => {
  const { app, bank, express, pool, listen } = world
  app.use(helmet(), compression({ threshold: 0 }), express.json())
  app.use(session({ secret: 'for a test', resave: false, saveUninitialized: true }))
  app.get('/accounts', (req, res, next) => {
    req.db.query('SELECT * FROM account').then(([rows]) => res.json(rows), next)
  })
  app.post(
    '/pay',
    transaction(async (req, res) => {
      const { amount } = req.body as { amount: number }
      await req.db.query('UPDATE account SET balance = balance - ? WHERE id = 1', [amount])
      if (amount > 100) throw new Error('too much')
      res.json({ amount })
    }),
  )
  const url = await listen()
  const pay = (amount: number): Promise<Response> =>
    fetch(`${url}/pay`, {
      method: 'POST',
      body: JSON.stringify({ amount }),
      headers: { 'content-type': 'application/json' },
    })

  const accounts = await fetch(`${url}/accounts`)
  t.equal(accounts.headers.get('content-encoding'), 'gzip')
  t.match(accounts.headers.get('set-cookie'), /connect\.sid/)
  t.ok(accounts.headers.get('x-content-type-options'))
  t.same(await accounts.json(), [
    { id: 1, balance: 100 },
    { id: 2, balance: 100 },
  ])
  const paid = await pay(10)
  t.equal(paid.headers.get('content-encoding'), 'gzip')
  t.match(paid.headers.get('set-cookie'), /connect\.sid/)
  t.same(await paid.json(), { amount: 10 })
  t.equal((await pay(200)).status, 500)
  t.equal(await bank.balance(1), 90)
  await waitFor(() => pool.stats().acquired === pool.stats().released)
})
