export type { Answer, Command, Statement } from './connector/connector.ts'
export { createPool } from './create-pool.ts'
export { type ErrorCode, isLifeguardError, LifeguardError } from './errors.ts'
export { livePools } from './inspect/live-pools.ts'
export { type ProcessFacts, type ProcessReport, report } from './inspect/report.ts'
export type { PoolEventName, PoolEvents } from './observe/events.ts'
export { HISTOGRAM_BOUNDS_MS, type HistogramSnapshot } from './observe/histogram.ts'
export type { Logger } from './observe/logger.ts'
export type {
  LeaseSnapshot,
  LeaseState,
  PoolSettings,
  PoolSnapshot,
  WaiterSnapshot,
} from './observe/snapshot.ts'
export type { PoolStats, RefusalCode } from './observe/stats.ts'
export { poolOptionsFromEnv } from './options/env.ts'
export {
  type Hold,
  isDriverOption,
  isPoolOption,
  type PoolOptions,
  type SetUpConnection,
} from './options/options.ts'
export {
  type CheckedScopeSettings,
  checkScopeSettings,
  type ScopeSettings,
  type TransactionSettings,
} from './options/scope-settings.ts'
export type { EndOptions, Pool } from './pool.ts'
export type { Lease } from './pool/lease.ts'
export type {
  AcquireOptions,
  EndReport,
  LeaseWatcher,
  PoolPhase,
  PoolTrouble,
} from './pool/pool-engine.ts'
export type { EvictReason } from './pool/slot.ts'
export type { Transaction, TransactionOptions } from './pool/transaction.ts'
export {
  endWithResponse,
  REQUEST_TIMEOUT_MS,
  type RequestLike,
  type ResponseLike,
} from './scope/http.ts'
export type { Scope, ScopeOptions } from './scope/scope.ts'
export type { IsolationLevel } from './session/isolation.ts'
export type { SettleMode } from './session/settle-plan.ts'
export { warnOfThrown } from './util/text.ts'
