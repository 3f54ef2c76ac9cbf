import { randomBytes } from 'node:crypto'

import { startMariadb, startRedis } from '@lifeguard/test-kit'
import { Redis } from 'ioredis'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'

export interface Servers {
  readonly description: string
  readonly maxConnections: number
  /** The shop's database, for the app. It is made by `loadShop`. */
  readonly uri: string
  /** Its name, and the prefix of all keys in Redis. */
  readonly database: string
  readonly redis: string
  /** The demo's own connection, opened before any other. */
  readonly monitor: Connection
}

/** What was begun, to be undone in the opposite order. */
export type Undo = (() => Promise<unknown>)[]

/** Private servers, or those that `DATABASE_URL` and `REDIS_URL` name, where a database of our own is made. */
export async function startServers(maxConnections: number, undo: Undo): Promise<Servers> {
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = process.env
  const admin = databaseUrl ?? (await ownMariadb(maxConnections, undo))
  const redis = redisUrl ?? (await ownRedis(undo))
  const database = `lifeguard_demo_${randomBytes(4).toString('hex')}`
  undo.push(() => removeKeys(redis, `${database}:*`))

  const monitor = await createConnection({ uri: withDatabase(admin, '') })
  undo.push(() => monitor.end())
  undo.push(() => monitor.query(`DROP DATABASE IF EXISTS \`${database}\``))
  const [rows] = await monitor.query<RowDataPacket[]>(
    'SELECT VERSION() AS version, @@max_connections AS max',
  )
  const uri = withDatabase(databaseUrl ?? (await shopUser(monitor, admin, database)), database)
  return {
    description: `${databaseUrl ? 'your' : 'a private'} ${title(String(rows[0]?.['version']))}`,
    maxConnections: Number(rows[0]?.['max']),
    uri,
    database,
    redis,
    monitor,
  }
}

async function ownMariadb(maxConnections: number, undo: Undo): Promise<string> {
  const args = ['--innodb-buffer-pool-size=128M']
  const server = await startMariadb({ maxConnections, args })
  undo.push(() => server.stop())
  return server.uri()
}

async function ownRedis(undo: Undo): Promise<string> {
  const server = await startRedis()
  undo.push(() => server.stop())
  return server.url
}

async function removeKeys(url: string, pattern: string): Promise<void> {
  const redis = new Redis(url)
  try {
    for await (const keys of redis.scanStream({ match: pattern }) as AsyncIterable<string[]>) {
      if (keys.length > 0) await redis.unlink(...keys)
    }
  } finally {
    redis.disconnect()
  }
}

/** The app is not the administrator, for whom the server keeps one connection more than its limit. */
async function shopUser(monitor: Connection, admin: string, database: string): Promise<string> {
  await monitor.query("CREATE USER shop@'%' IDENTIFIED BY 'shop'")
  await monitor.query(`GRANT ALL ON \`${database}\`.* TO shop@'%'`)
  const url = new URL(admin)
  url.username = 'shop'
  url.password = 'shop'
  return url.href
}

function withDatabase(uri: string, database: string): string {
  const url = new URL(uri)
  url.pathname = `/${database}`
  return url.href
}

function title(version: string): string {
  const [number] = version.split('-')
  return `${version.includes('MariaDB') ? 'MariaDB' : 'MySQL'} ${number}`
}
