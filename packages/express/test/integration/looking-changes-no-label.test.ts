import { get } from '@lifeguard/test-kit'

import { onEachExpress } from '../support/bank-app.ts'

onEachExpress('who is looked at before its route is known has it later', async (t, world) => {
  const { app, pool, listen } = world
  const labels = (): string[] => pool.snapshot().leases.map(({ label }) => label)
  const seen: string[][] = []
  app.use((req, _res, next) => {
    req.db.query('SELECT 1').then(() => {
      seen.push(labels())
      next()
    }, next)
  })
  app.get('/orders/:id', (_req, res) => {
    seen.push(labels())
    res.end()
  })
  await get(`${await listen()}/orders/7`)
  t.strictSame(seen, [['GET '], ['GET /orders/:id']])
})
