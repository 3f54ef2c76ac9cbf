import type { Pool } from '@lifeguard/core'
import { get } from '@lifeguard/test-kit'
import type { RequestHandler } from 'express'

import { onEachExpress } from '../support/bank-app.ts'

/** Answers with the label that its request has while it holds a connection. */
function tell(pool: Pool): RequestHandler {
  return (req, res, next) => {
    req.db
      .query('SELECT 1')
      .then(() => res.send(pool.snapshot().leases.map(({ label }) => label)[0]), next)
  }
}

onEachExpress('whatever a router is mounted on', async (t, { app, express, pool, listen }) => {
  const router = express.Router({ mergeParams: true })
  const inner = express.Router()
  inner.get('/:item', tell(pool))
  router.get('/confirm', tell(pool))
  router.use('/items/:list', inner)
  app.use('/reset/:token', router)
  app.use('/static', router)
  app.use('/key-:key', router)
  app.use('/alone/:secret', tell(pool))
  app.get('/plain/:id', tell(pool))
  const sub = express()
  sub.get('/there', tell(pool))
  app.use('/sub/:secret', sub)

  const url = await listen()
  const cases: readonly (readonly [string, string])[] = [
    ['/reset/canary/confirm', 'GET /reset/:token/confirm'],
    ['/reset/can%20ary/confirm', 'GET /reset/:token/confirm'],
    ['/reset/canary/items/canary2/5', 'GET /reset/:token/items/:list/:item'],
    ['/static/confirm', 'GET /static/confirm'],
    ['/key-canary/confirm', 'GET /:key/confirm'],
    ['/alone/canary', 'GET /alone/:secret'],
    ['/plain/canary', 'GET /plain/:id'],
    ['/sub/canary/there', 'GET /…/there'],
  ]
  for (const [path, label] of cases) {
    t.same(await get(url + path), { status: 200, body: label }, path)
  }
})
