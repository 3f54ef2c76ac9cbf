import * as z from 'zod'

import { LifeguardError } from '../errors.ts'
import { ISOLATION_LEVELS, type IsolationLevel } from '../session/isolation.ts'
import { describeIssue, type Hold, HOLDS, ms } from './options.ts'

/** What the users of an adapter say about a request or a job, for all of them or for one. */
export interface ScopeSettings {
  /** Default: the pool's. */
  hold?: Hold | undefined
  /** It is cut off from the database so many milliseconds after its first use of it. 0: no limit. */
  timeout?: number | undefined
  /** Its function runs in a transaction, which is committed before it counts as done. Default: false. */
  transaction?: boolean | TransactionSettings | undefined
}

export interface TransactionSettings {
  /** Default: the server's, for this session. */
  isolation?: IsolationLevel | undefined
  /** Default: false. */
  readOnly?: boolean | undefined
}

export interface CheckedScopeSettings {
  readonly hold: Hold | undefined
  readonly timeout: number | undefined
  /** Undefined: none. */
  readonly transaction: TransactionSettings | undefined
}

const schema = z.strictObject({
  hold: z.enum(HOLDS).optional(),
  timeout: ms.optional(),
  transaction: z.preprocess(
    (given) => (typeof given === 'boolean' ? (given ? {} : undefined) : given),
    z
      .strictObject({
        isolation: z.enum(ISOLATION_LEVELS).optional(),
        readOnly: z.boolean().optional(),
      })
      .optional(),
  ),
})

/**
 * For adapters: checks what their users wrote, at start-up. `where` is the place to look, for the message.
 *
 * @throws LifeguardError `ERR_OPTIONS`, with one line for each mistake.
 */
export function checkScopeSettings(where: string, settings: ScopeSettings): CheckedScopeSettings {
  const parsed = schema.safeParse(settings)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(describeIssue)
    throw new LifeguardError(
      'ERR_OPTIONS',
      `invalid options of ${where}:\n  ${problems.join('\n  ')}`,
    )
  }
  const { hold, timeout, transaction } = parsed.data
  return { hold, timeout, transaction }
}
