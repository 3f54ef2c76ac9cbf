import { isHarmlessQuery, QUERY_VERBS } from './query-scan.ts'
import { Tokenizer, UNUSUAL_READINGS, USUAL_READING } from './tokenizer.ts'
import { isTransactionControl, TRANSACTION_VERBS } from './transaction-control.ts'

/** Whether a statement can have left anything behind in the session that the status flags do not show. */
export type Verdict = 'harmless' | 'mayChange'

const NONE: ReadonlySet<string> = new Set()

const DEFAULT_CAPACITY = 2000
/** Longer texts carry data, so they hardly come again, and would fill the memory. */
const LONGEST_CACHED = 4096

/**
 * Judges a statement by an allow-list: what is not understood may change the session. Functions
 * stored in the server are harmless only if `safeFunctions` has them, in lower case, as `name` or
 * `database.name`.
 *
 * The text does not show what views, triggers and generated columns call.
 */
export function judge(sql: string, safeFunctions: ReadonlySet<string> = NONE): Verdict {
  const tokens = new Tokenizer(sql, USUAL_READING)
  if (!isHarmless(tokens, safeFunctions)) return 'mayChange'
  if (!tokens.sawBackslash) return 'harmless'
  // We do not know the session's sql_mode for sure: every way to read the backslash must agree.
  const agreed = UNUSUAL_READINGS.every((reading) =>
    isHarmless(new Tokenizer(sql, reading), safeFunctions),
  )
  return agreed ? 'harmless' : 'mayChange'
}

/**
 * - A distributed transaction: a prepared one survives the session by design, and leaves it in a state that
 *   no reset mends (MariaDB then answers ER_ILLEGAL_HA).
 * - Records of statements, which would tell one borrower's to the next: MySQL keeps the optimizer's trace
 *   through a reset, and MariaDB goes on profiling.
 * - Settings of the socket: a reset takes the variables back and leaves the socket as it is. Slow readers
 *   are cut off then, or each answer takes 40 ms.
 * - A resource group, which a thread keeps through a reset. Its two words alone may be a table and `GROUP BY`.
 */
const OUTLIVING =
  /\b(?:xa|optimizer_trace|profiling|net_write_timeout|net_retry_count|tcp_nodelay)\b|\bset\b[^=]*\bresource\b[^=]*\bgroup\b/i

/** Whether the text, which may change the session, may do so in a way that no reset takes back. */
export function mayOutliveReset(sql: string): boolean {
  return OUTLIVING.test(sql)
}

function isHarmless(tokens: Tokenizer, safeFunctions: ReadonlySet<string>): boolean {
  tokens.next()
  const verb = tokens.is('(') ? '(' : tokens.word
  if (QUERY_VERBS.has(verb)) return isHarmlessQuery(tokens, safeFunctions)
  return TRANSACTION_VERBS.has(verb) && isTransactionControl(tokens)
}

/**
 * Remembers verdicts by text. Two generations keep it bounded without any work on a hit: when the
 * young one is full it becomes the old one, and what the old one held and nobody asked for is gone.
 */
export class VerdictCache {
  readonly #generation: number
  readonly #safeFunctions: ReadonlySet<string>
  #young = new Map<string, Verdict>()
  #old = new Map<string, Verdict>()

  constructor(options: { capacity?: number; safeFunctions?: ReadonlySet<string> } = {}) {
    const { capacity = DEFAULT_CAPACITY, safeFunctions = NONE } = options
    this.#generation = Math.max(1, Math.floor(capacity / 2))
    this.#safeFunctions = new Set([...safeFunctions].map((name) => name.toLowerCase()))
  }

  judge(sql: string): Verdict {
    return this.#young.get(sql) ?? this.#judgeAnew(sql)
  }

  #judgeAnew(sql: string): Verdict {
    if (sql.length > LONGEST_CACHED) return judge(sql, this.#safeFunctions)
    const verdict = this.#old.get(sql) ?? judge(sql, this.#safeFunctions)
    if (this.#young.size >= this.#generation) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(sql, verdict)
    return verdict
  }
}

/**
 * Whether values that mysql2 writes into the text (`query`, not `execute`) stay values: scalars and
 * flat lists of them. Objects may become assignments, nested lists parentheses, and what has
 * `toSqlString` any SQL at all.
 */
export function bindsOnlyScalars(values: unknown): boolean {
  if (Array.isArray(values)) return holdsOnlyBindable(values)
  if (isScalar(values)) return true
  return isPlainObject(values) && hasOnlyBindable(values)
}

function holdsOnlyBindable(values: readonly unknown[]): boolean {
  for (let i = 0; i < values.length; i++) {
    if (!isBindable(values[i])) return false
  }
  return true
}

/** Named placeholders. What the object inherits could be bound, too. */
function hasOnlyBindable(values: Readonly<Record<string, unknown>>): boolean {
  for (const name in values) {
    if (!isBindable(values[name])) return false
  }
  return true
}

function isBindable(value: unknown): boolean {
  if (isScalar(value)) return true
  // Of an empty list nothing remains, so that what stood apart comes together: `-?- ` is a comment.
  if (!Array.isArray(value) || value.length === 0) return false
  for (let i = 0; i < value.length; i++) {
    if (!isScalar(value[i])) return false
  }
  return true
}

function isScalar(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
    case 'undefined':
      return true
    case 'object':
      return value === null || value instanceof Date || value instanceof Uint8Array
    default:
      return false
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
