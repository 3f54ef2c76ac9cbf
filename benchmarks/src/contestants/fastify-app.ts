import type { AddressInfo } from 'node:net'

import { createPool } from '@lifeguard/core'
import { lifeguard } from '@lifeguard/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import { createPool as createMysql2Pool, type RowDataPacket } from 'mysql2/promise'

import type { Address } from '../benchmark.ts'
import { serve } from './serve.ts'

export type AppVariant =
  | 'mysql2 query'
  | 'mysql2 rollback'
  | 'mysql2 reset'
  | 'request.db'
  | 'app.db'
  | 'lifeguard query'
  | 'no database'
  | 'no database, plugin'

export interface AppConfig {
  readonly variant: AppVariant
  readonly address: Address
  readonly size: number
}

/** Where the app listens, and what it has cost so far. */
export interface AppState {
  readonly port: number
  readonly cpuMicros: number
}

const SELECT = 'SELECT id, name, price FROM item WHERE id = ?'

let turn = 0
function nextId(): number {
  turn = (turn % 1000) + 1
  return turn
}

const ROUTES: Record<AppVariant, (app: FastifyInstance, config: AppConfig) => Promise<void>> = {
  async 'mysql2 query'(app, { address, size }) {
    const pool = createMysql2Pool({ ...address, connectionLimit: size })
    app.get('/', async () => {
      const [rows] = await pool.query<RowDataPacket[]>(SELECT, [nextId()])
      return rows[0]
    })
  },

  async 'mysql2 rollback'(app, { address, size }) {
    const pool = createMysql2Pool({ ...address, connectionLimit: size })
    app.get('/', async () => {
      const connection = await pool.getConnection()
      try {
        const [rows] = await connection.query<RowDataPacket[]>(SELECT, [nextId()])
        return rows[0]
      } finally {
        await connection.query('ROLLBACK')
        connection.release()
      }
    })
  },

  async 'mysql2 reset'(app, { address, size }) {
    const pool = createMysql2Pool({ ...address, connectionLimit: size, resetOnRelease: true })
    app.get('/', async () => {
      const [rows] = await pool.query<RowDataPacket[]>(SELECT, [nextId()])
      return rows[0]
    })
  },

  async 'request.db'(app, { address, size }) {
    await app.register(lifeguard, { ...address, max: size })
    app.get('/', async (request) => {
      const [rows] = await request.db.query<RowDataPacket[]>(SELECT, [nextId()])
      return rows[0]
    })
  },

  async 'app.db'(app, { address, size }) {
    await app.register(lifeguard, { ...address, max: size })
    app.get('/', async () => {
      const [rows] = await app.db.query<RowDataPacket[]>(SELECT, [nextId()])
      return rows[0]
    })
  },

  async 'lifeguard query'(app, { address, size }) {
    const pool = createPool({ ...address, max: size })
    app.get('/', async () => {
      const [rows] = await pool.query<RowDataPacket[]>(SELECT, [nextId()])
      return rows[0]
    })
  },

  async 'no database'(app) {
    app.get('/', async () => ({ id: nextId() }))
  },

  async 'no database, plugin'(app, { address, size }) {
    await app.register(lifeguard, { ...address, max: size })
    app.get('/', async () => ({ id: nextId() }))
  },
}

await serve(async (config: AppConfig) => {
  const app = Fastify()
  await ROUTES[config.variant](app, config)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return async (): Promise<AppState> => {
    const { user, system } = process.cpuUsage()
    return { port, cpuMicros: user + system }
  }
})
