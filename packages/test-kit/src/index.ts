export {
  adminQuery,
  createDatabase,
  openTransactions,
  serverStatus,
  threadsConnected,
  type Row,
  type TestDatabase,
} from './admin.ts'
export { createBank, type Bank } from './bank.ts'
export { Command, type ClientCommand } from './command-parser.ts'
export type { DatabaseAddress, Flavor } from './database-address.ts'
export type { DatabaseServer, DatabaseServerOptions } from './database-server.ts'
export { startFaultProxy, type FaultProxy, type ProxyTarget } from './fault-proxy.ts'
export { startMariadb } from './mariadb.ts'
export { startMysql } from './mysql.ts'
export {
  canStartPrometheus,
  preparePrometheus,
  promtool,
  startPrometheus,
  type PrometheusOptions,
  type PrometheusServer,
} from './prometheus.ts'
export { startRedis, type RedisAddress, type RedisOptions, type RedisServer } from './redis.ts'
export {
  canStartServers,
  detectFlavor,
  sharedDatabase,
  sharedRedis,
  startDatabase,
  testFlavor,
} from './shared.ts'
export type { ServerControl } from './server-process.ts'
export { waitFor, type WaitForOptions } from './wait-for.ts'
export { get, hangUp } from './http-client.ts'
export { WorkBoard } from './work-board.ts'
