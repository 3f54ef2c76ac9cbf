export { lifeguard, lifeguard as default, type LifeguardOptions } from './lifeguard.ts'
export { releaseDbConnection, type ReleaseDbConnectionOptions } from './release-db-connection.ts'
