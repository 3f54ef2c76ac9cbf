export { logDatabaseErrors } from './log-database-errors.ts'
export { releaseDbConnection, type ReleaseDbConnectionOptions } from './release-db-connection.ts'
export {
  transaction,
  type TransactionHandler,
  type TransactionHandlerOptions,
} from './transaction.ts'
