import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { transaction, type TransactionHandler } from '@lifeguard/express'
import type { ErrorRequestHandler, Request, Response } from 'express'

import { onEachExpress } from '../support/bank-app.ts'

const PAY = 'UPDATE account SET balance = 0 WHERE id = 1'

/** What goes wrong, and the code of the error that the app's error handler gets. */
const failing: Record<string, { code: string; handler: TransactionHandler }> = {
  'a handler that throws': {
    code: 'NO_MONEY',
    handler: async (req) => {
      await req.db.query(PAY)
      throw Object.assign(new Error('no'), { code: 'NO_MONEY' })
    },
  },
  'a handler that throws when it has answered': {
    code: 'NO_MONEY',
    handler: async (req, res) => {
      await req.db.query(PAY)
      res.status(201).json({ paid: true })
      throw Object.assign(new Error('no'), { code: 'NO_MONEY' })
    },
  },
  'next(error)': {
    code: 'NO_MONEY',
    handler: async (req, _res, next) => {
      await req.db.query(PAY)
      next(Object.assign(new Error('no'), { code: 'NO_MONEY' }))
    },
  },
  'a handler that answers twice': {
    code: 'ERR_HTTP_HEADERS_SENT',
    handler: async (req, res) => {
      await req.db.query(PAY)
      res.json({ paid: true })
      res.json({ paid: 'twice' })
    },
  },
  'a handler that streams': {
    code: 'ERR_OPTIONS',
    handler: async (req, res) => {
      await req.db.query(PAY)
      await pipeline(Readable.from(['a', 'b']), res)
    },
  },
  'a handler that pipes': {
    code: 'ERR_OPTIONS',
    handler: async (req, res) => {
      await req.db.query(PAY)
      await new Promise((resolve) => Readable.from(['a', 'b']).pipe(res).on('finish', resolve))
    },
  },
  'a handler that is not async': {
    code: 'ERR_OPTIONS',
    handler: ((req: Request, res: Response) => {
      req.db.query(PAY).then(
        () => res.json({ paid: true }),
        () => {},
      )
    }) as never,
  },
  'an answer around the transaction': {
    code: 'ERR_OPTIONS',
    handler: async (req) => {
      await req.db.query(PAY)
      req.res!.flushHeaders()
    },
  },
}

const ANSWER = { status: 418, body: 'the error handler' }

for (const [what, { code, handler }] of Object.entries(failing)) {
  onEachExpress(`${what}: rolled back, and the error handler answers`, async (t, world) => {
    const { app, bank, pool, listen } = world
    let seen: unknown
    app.post('/', transaction(handler))
    const answerErrors: ErrorRequestHandler = (error, _req, res, next) => {
      seen = error
      if (res.headersSent) return next(error)
      res.status(418).send('the error handler')
    }
    app.use(answerErrors)
    const url = await listen()
    const answer = await fetch(url, { method: 'POST' })
    const body = await answer.text().catch(() => 'torn off')
    t.match(seen, { code })
    const around = what === 'an answer around the transaction'
    t.match({ status: answer.status, body }, around ? { body: 'torn off' } : ANSWER)
    t.equal(await bank.balance(1), 100)
    t.equal(pool.stats().acquired, pool.stats().released)
  })
}
