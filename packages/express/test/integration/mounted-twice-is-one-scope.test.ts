import { releaseDbConnection } from '@lifeguard/express'
import { get } from '@lifeguard/test-kit'

import { onEachExpress } from '../support/bank-app.ts'

onEachExpress('the second one changes the settings of the first', async (t, world) => {
  const { app, pool, listen } = world
  app.get('/twice', releaseDbConnection(pool), (req, res, next) => {
    req.db.query('SELECT 1').then(() => res.json(pool.stats().inUse), next)
  })
  app.get('/hold', releaseDbConnection(pool, { hold: 'transaction' }), (req, res, next) => {
    req.db.query('SELECT 1').then(() => res.json(pool.stats().inUse), next)
  })
  const url = await listen()
  t.same(await get(`${url}/twice`), { status: 200, body: '1' })
  t.same(await get(`${url}/hold`), { status: 200, body: '0' })
  const { acquired, released } = pool.stats()
  t.same({ acquired, released }, { acquired: 2, released: 2 })
})

onEachExpress('a pool of another name has a scope of its own', async (t, world) => {
  const { app, pool, listen } = world
  app.use(releaseDbConnection(pool, { name: 'reportsDb' }))
  app.get('/', (req, res) => {
    const { reportsDb } = req as unknown as { reportsDb: unknown }
    res.json(reportsDb !== req.db && reportsDb !== undefined)
  })
  t.same(await get(await listen()), { status: 200, body: 'true' })
})

onEachExpress('mistakes are refused when the app is built', async (t, { pool }) => {
  t.throws(() => releaseDbConnection(undefined as never), { code: 'ERR_OPTIONS' })
  t.throws(() => releaseDbConnection(pool, { hold: 'for ever', limit: 1 } as never), {
    code: 'ERR_OPTIONS',
    message: /releaseDbConnection:[^]*hold:[^]*limit: unknown option/,
  })
})
