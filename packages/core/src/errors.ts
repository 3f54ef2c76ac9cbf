/** Every error code of Lifeguard. Codes are never renamed or reused. */
export type ErrorCode =
  | 'ERR_ACQUIRE_TIMEOUT'
  | 'ERR_QUEUE_FULL'
  | 'ERR_BREAKER_OPEN'
  | 'ERR_POOL_CLOSING'
  | 'ERR_POOL_CLOSED'
  | 'ERR_LEASE_RELEASED'
  | 'ERR_SCOPE_ENDED'
  | 'ERR_POOL_DEADLOCK'
  | 'ERR_ABORTED'
  | 'ERR_STATEMENT_TIMEOUT'
  | 'ERR_OPTIONS'

/** The codes that mean "try again later"; HTTP adapters answer 503 for them. */
const UNAVAILABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ERR_ACQUIRE_TIMEOUT',
  'ERR_QUEUE_FULL',
  'ERR_BREAKER_OPEN',
  'ERR_POOL_CLOSING',
])

/** Every error that Lifeguard itself raises. A user's own SQL error is passed on unchanged instead. */
export class LifeguardError extends Error {
  override readonly name: string = 'LifeguardError'
  readonly code: ErrorCode
  /** 503 where the request may be tried again later, else absent. Fastify and Express answer with it. */
  declare readonly statusCode?: number
  /** `Retry-After`, in seconds, beside `statusCode`. Fastify and Express add them to the answer. */
  declare readonly headers?: Readonly<Record<string, string>>

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    if (UNAVAILABLE.has(code)) {
      this.statusCode = 503
      this.headers = { 'Retry-After': '1' }
    }
  }
}

/** What the caller may want to match: `error instanceof LifeguardError && error.code === …`. */
export function isLifeguardError(error: unknown, code?: ErrorCode): error is LifeguardError {
  return error instanceof LifeguardError && (code === undefined || error.code === code)
}

/** The driver's code of an error (`ER_DUP_ENTRY`, `ECONNRESET`), for messages that must not repeat its text. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : undefined
}
