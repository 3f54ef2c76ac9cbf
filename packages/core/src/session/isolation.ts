export const ISOLATION_LEVELS = [
  'READ UNCOMMITTED',
  'READ COMMITTED',
  'REPEATABLE READ',
  'SERIALIZABLE',
] as const

export type IsolationLevel = (typeof ISOLATION_LEVELS)[number]
