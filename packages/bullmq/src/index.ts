export {
  type JobContext,
  type JobProcessor,
  withDbConnection,
  type WithDbConnectionOptions,
} from './with-db-connection.ts'
