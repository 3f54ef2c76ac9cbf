export { releaseDbConnection, type ReleaseDbConnectionOptions } from './release-db-connection.ts'
