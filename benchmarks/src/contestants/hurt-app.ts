import type { AddressInfo } from 'node:net'

import { lifeguard } from '@lifeguard/fastify'
import Fastify from 'fastify'

import type { Address } from '../benchmark.ts'
import { serve } from './serve.ts'

export interface HurtConfig {
  readonly address: Address
  readonly size: number
}

export interface HurtState {
  readonly port: number
}

const never = new Promise<never>(() => {})

await serve(async ({ address, size }: HurtConfig) => {
  const app = Fastify()
  await app.register(lifeguard, { ...address, max: size })
  app.get('/', async (request) => {
    await request.db.query('SELECT id, name, price FROM item WHERE id = 1')
    return {}
  })
  app.get('/leak', async (request) => {
    await request.db.query('SELECT 1')
    await never
  })
  app.get('/stuck-transaction', (request) =>
    request.db.transaction(async (tx) => {
      await tx.query('UPDATE item SET price = price + 1 WHERE id = 2')
      await never
    }),
  )
  app.get('/slow-query', async (request) => {
    await request.db.query('SELECT SLEEP(600)')
    return {}
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return (): Promise<HurtState> => Promise.resolve({ port })
})
