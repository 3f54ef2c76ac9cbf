import type { Pool } from '@lifeguard/core'
import { logDatabaseErrors, releaseDbConnection, transaction } from '@lifeguard/express'
import express, { type Express } from 'express'
import type { ResultSetHeader, RowDataPacket } from 'mysql2'

/** What the people of the shop use. */
export function buildBackOffice(pool: Pool): Express {
  const app = express()
  app.use(releaseDbConnection(pool, { logger: console }))

  app.get('/report', async (req, res) => {
    const [[report]] = await req.db.query<RowDataPacket[]>(
      `SELECT COUNT(*) AS orders, COUNT(i.order_id) AS invoices, COUNT(m.order_id) AS mails
       FROM orders o LEFT JOIN invoice i ON i.order_id = o.id LEFT JOIN mail m ON m.order_id = o.id`,
    )
    res.json(report)
  })

  app.post(
    '/orders/:id/cancel',
    transaction(async (req, res) => {
      const [changed] = await req.db.query<ResultSetHeader>(
        'UPDATE orders SET cancelled = TRUE WHERE id = ? AND NOT cancelled',
        [req.params['id']],
      )
      await req.db.query('DELETE FROM outbox WHERE order_id = ?', [req.params['id']])
      res.status(changed.affectedRows === 1 ? 200 : 404).json({ cancelled: changed.affectedRows })
    }),
  )

  app.get('/pool', (_req, res) => {
    res.json(pool.stats())
  })

  app.use(logDatabaseErrors(console))
  return app
}
