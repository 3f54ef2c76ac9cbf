import { createConnection } from 'mysql2/promise'

import { isAvailable } from './binaries.ts'
import { parseDatabaseUrl, type DatabaseAddress, type Flavor } from './database-address.ts'
import type { DatabaseServer, DatabaseServerOptions } from './database-server.ts'
import { MARIADB, startMariadb } from './mariadb.ts'
import { canStartMysql } from './mysql-installation.ts'
import { startMysql } from './mysql.ts'
import { parseRedisUrl, REDIS, startRedis, type RedisAddress } from './redis.ts'

/** What `scripts/test.js` tells the test files. */
const DATABASE_URL = 'LIFEGUARD_TEST_DATABASE_URL'
const REDIS_URL = 'LIFEGUARD_TEST_REDIS_URL'
const SERVER = 'LIFEGUARD_TEST_SERVER'

let database: Promise<DatabaseAddress> | undefined
let redis: Promise<RedisAddress> | undefined

/** The flavor under test. */
export function testFlavor(): Flavor {
  return process.env[SERVER] === 'mysql' ? 'mysql' : 'mariadb'
}

/**
 * The database server of this test run; in a test file that runs alone, one that ends with the process.
 * Others use it too: never kill it, and work in a database of your own.
 */
export function sharedDatabase(): Promise<DatabaseAddress> {
  database ??= findDatabase()
  return database
}

async function findDatabase(): Promise<DatabaseAddress> {
  const url = process.env[DATABASE_URL] ?? process.env['DATABASE_URL']
  if (!url) return await startDatabase({ maxConnections: 500 })
  if (process.env[SERVER]) return parseDatabaseUrl(url, testFlavor())
  return parseDatabaseUrl(url, await detectFlavor(url))
}

/** Which server answers there. */
export async function detectFlavor(url: string): Promise<Flavor> {
  const connection = await createConnection({ uri: url })
  try {
    const [rows] = await connection.query('SELECT VERSION() AS version')
    const version = String((rows as { version?: unknown }[])[0]?.version)
    return /mariadb/i.test(version) ? 'mariadb' : 'mysql'
  } finally {
    await connection.end()
  }
}

/** The Redis of this test run, like `sharedDatabase`. */
export function sharedRedis(): Promise<RedisAddress> {
  redis ??= findRedis()
  return redis
}

async function findRedis(): Promise<RedisAddress> {
  const url = process.env[REDIS_URL] ?? process.env['REDIS_URL']
  return url ? parseRedisUrl(url) : await startRedis()
}

/** A private server of the flavor under test, for tests that kill it or need settings of their own. */
export async function startDatabase(options: DatabaseServerOptions = {}): Promise<DatabaseServer> {
  return testFlavor() === 'mysql' ? await startMysql(options) : await startMariadb(options)
}

/** Whether private servers can be had here; without them, tests that need one are skipped. */
export function canStartServers(kind: Flavor | 'redis' = testFlavor()): boolean {
  if (kind === 'redis') return isAvailable(REDIS)
  return kind === 'mysql' ? canStartMysql() : isAvailable(MARIADB)
}
