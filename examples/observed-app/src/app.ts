import { report } from '@lifeguard/core'
import { lifeguard } from '@lifeguard/fastify'
import { prometheusMetrics } from '@lifeguard/metrics'
import fastify, { type FastifyInstance } from 'fastify'
import type { RowDataPacket } from 'mysql2'
import { Registry } from 'prom-client'

import { addFaults } from './faults.ts'

export interface AppOptions {
  readonly databaseUrl: string
  /** Connections at most. Default: 10. */
  readonly max?: number
}

/** A shop whose pool can be seen: by Prometheus, by `lifeguard monitor` on this machine and by it from elsewhere. */
export async function buildApp({ databaseUrl, max = 10 }: AppOptions): Promise<FastifyInstance> {
  const app = fastify({ logger: { level: process.env['LOG_LEVEL'] ?? 'warn' } })
  await app.register(lifeguard, { uri: databaseUrl, max, leakThreshold: 5000 })

  await app.db.query(`CREATE TABLE IF NOT EXISTS product (
    id INT PRIMARY KEY, name VARCHAR(100) NOT NULL, stock INT NOT NULL)`)
  await app.db.query(
    "INSERT IGNORE INTO product VALUES (1, 'rescue buoy', 1000000), (2, 'whistle', 1000000)",
  )

  app.get<{ Params: { id: string } }>('/products/:id', async (request) => {
    const [products] = await request.db.query<RowDataPacket[]>(
      'SELECT id, name, stock FROM product WHERE id = ?',
      [request.params.id],
    )
    return products[0]
  })

  app.post<{ Params: { id: string } }>('/orders/:id', async (request, reply) => {
    await request.db.transaction((tx) =>
      tx.query('UPDATE product SET stock = stock - 1 WHERE id = ?', [request.params.id]),
    )
    return reply.code(201).send({ ordered: request.params.id })
  })

  addFaults(app)
  addViews(app)
  return app
}

/** For you alone: a service would answer these on a port of its own, or behind a password. */
function addViews(app: FastifyInstance): void {
  const registry = new Registry()
  const metrics = prometheusMetrics({ registry })
  app.addHook('onClose', () => metrics.stop())
  app.get('/metrics', (_request, reply) =>
    registry.metrics().then((text) => reply.type(registry.contentType).send(text)),
  )
  app.get('/lifeguard', () => report())
}
