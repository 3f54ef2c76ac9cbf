import { logDatabaseErrors } from '@lifeguard/express'
import { get } from '@lifeguard/test-kit'
import type { ErrorRequestHandler } from 'express'

import { onEachExpress } from '../support/bank-app.ts'

onEachExpress('by route and code, without the text', async (t, { app, listen }) => {
  const logged: object[] = []
  let thrown: unknown
  let passedOn: unknown
  app.get('/double/:name', (req, _res, next) => {
    req.db.query("INSERT INTO account VALUES (1, 'secret')").catch((error: unknown) => {
      thrown = error
      next(error)
    })
  })
  app.get('/other', (_req, _res, next) => next(new Error('not the database')))
  const answerErrors: ErrorRequestHandler = (error, _req, res, _next) => {
    passedOn = error
    res.sendStatus(500)
  }
  app.use(logDatabaseErrors({ warn: (details) => void logged.push(details) }), answerErrors)
  const url = await listen()
  t.equal((await get(`${url}/double/canary`)).status, 500)
  t.equal(passedOn, thrown, 'the same error')
  t.match(logged, [{ route: 'GET /double/:name', code: /^ER_/ }])
  t.notMatch(JSON.stringify(logged), /secret|canary/)
  await get(`${url}/other`)
  t.equal(logged.length, 1)
})
