import { transaction } from '@lifeguard/express'
import { adminQuery, get, sharedDatabase } from '@lifeguard/test-kit'

import { onEachExpress } from '../support/bank-app.ts'

const PAY = 'UPDATE account SET balance = balance - 10 WHERE id = 1'

onEachExpress('what the handler sends leaves after COMMIT', async (t, { app, bank, listen }) => {
  app.post(
    '/pay',
    transaction(async (req, res) => {
      await req.db.query(PAY)
      res.status(201).set('X-Paid', '10').json({ paid: 10 })
      t.equal(res.headersSent, true)
      t.equal(await bank.balance(1), 100, 'not committed yet')
    }),
  )
  const answer = await fetch(`${await listen()}/pay`, { method: 'POST' })
  t.equal(await bank.balance(1), 90)
  t.equal(answer.status, 201)
  t.equal(answer.headers.get('x-paid'), '10')
  t.same(await answer.json(), { paid: 10 })
})

onEachExpress('next() goes on after COMMIT', async (t, { app, bank, listen }) => {
  app.post(
    '/pay',
    transaction(async (req, _res, next) => {
      await req.db.query(PAY)
      next()
    }),
    (_req, res, next) => {
      bank.balance(1).then((balance) => res.json({ balance }), next)
    },
  )
  const answer = await fetch(`${await listen()}/pay`, { method: 'POST' })
  t.same(await answer.json(), { balance: 90 })
})

onEachExpress('an answer that comes after the handler is sent', async (t, { app, listen }) => {
  app.get(
    '/',
    transaction(async (req, res) => {
      await req.db.query('SELECT 1')
      setTimeout(() => res.send('late'), 50)
    }),
  )
  t.same(await get(await listen()), { status: 200, body: 'late' })
})

onEachExpress('an answer that node refuses goes to the error handlers', async (t, world) => {
  const { app, listen } = world
  app.get(
    '/',
    transaction(async (req, res) => {
      await req.db.query('SELECT 1')
      res.writeHead(200, { 'x-broken': 'two\nlines' }).end()
    }),
  )
  t.equal((await get(await listen())).status, 500)
})

onEachExpress('a failed COMMIT goes to the error handlers', async (t, { app, bank, listen }) => {
  app.post(
    '/pay',
    transaction(async (req, res) => {
      const [rows] = await req.db.query('SELECT CONNECTION_ID() AS id')
      await req.db.query(PAY)
      await adminQuery(await sharedDatabase(), `KILL ${(rows as { id: number }[])[0]!.id}`)
      res.status(201).set('X-Paid', '10').json({ paid: 10 })
    }),
  )
  const answer = await fetch(`${await listen()}/pay`, { method: 'POST' })
  t.equal(answer.status, 500)
  t.equal(answer.headers.get('x-paid'), null, 'nothing is left of the response')
  t.equal(await bank.balance(1), 100)
})
