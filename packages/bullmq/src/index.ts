export type { JobLike, WorkerLike } from './bullmq.ts'
export type { WorkerOutcome } from './close-worker.ts'
export {
  type CloseOptions,
  type CloseReport,
  releaseDbConnectionAfterJob,
  type ReleaseDbConnectionAfterJobOptions,
  type WorkerGuard,
} from './release-db-connection-after-job.ts'
export {
  type JobContext,
  type JobProcessor,
  withDbConnection,
  type WithDbConnectionOptions,
  type WrappedProcessor,
} from './with-db-connection.ts'
export { withSandboxedDbConnection } from './with-sandboxed-db-connection.ts'
