import type { FastifyInstance } from 'fastify'

/** What one is woken for at 3 a.m. None of these ever answers, until the client leaves. */
export function addFaults(app: FastifyInstance): void {
  app.get('/faults/leak', async (request) => {
    await request.db.query('SELECT name FROM product WHERE id = 1')
    await never()
  })

  app.get('/faults/stuck-transaction', async (request) => {
    await request.db.transaction(async (tx) => {
      await tx.query("UPDATE product SET name = 'loud whistle' WHERE id = 2")
      await never()
    })
  })

  app.get('/faults/slow-query', async (request) => {
    await request.db.query('SELECT name, SLEEP(600) FROM product WHERE id = 1')
  })
}

function never(): Promise<never> {
  return new Promise(() => {})
}
