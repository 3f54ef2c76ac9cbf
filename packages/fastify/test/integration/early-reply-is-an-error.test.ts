import type { RouteHandlerMethod } from 'fastify'
import t from 'tap'

import { bankApp } from '../support/bank-app.ts'

const early: Record<string, RouteHandlerMethod> = {
  'reply.send()': async (request, reply) => {
    await request.db.query('UPDATE account SET balance = 0 WHERE id = 1')
    return reply.code(201).send({ early: true })
  },
  'reply.send() and work after it': async (request, reply) => {
    void reply.send({ early: true })
    await request.db.query('UPDATE account SET balance = 0 WHERE id = 1')
  },
  'no promise': (request, reply) => {
    void request.db
      .query('UPDATE account SET balance = 0 WHERE id = 1')
      .then(() => reply.send({ early: true }))
  },
}

for (const [what, handler] of Object.entries(early)) {
  void t.test(
    `${what} inside of a transactional route fails it, and nothing is committed`,
    async (t) => {
      const { app, bank } = await bankApp(t)
      app.post('/', { config: { db: { transaction: true } } }, handler)
      const answer = await app.inject({ method: 'POST', url: '/' })
      t.equal(answer.statusCode, 500)
      t.match(answer.json(), { code: 'ERR_OPTIONS', message: /^POST \/ / })
      t.equal(await bank.balance(1), 100)
    },
  )
}
