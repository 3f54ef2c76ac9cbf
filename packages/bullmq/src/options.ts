import { LifeguardError, type Pool } from '@lifeguard/core'

/** Node takes a longer time for none. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** What has to hold, and what to say where it does not. */
export type Expectation = readonly [holds: boolean, mistake: string]

/** @throws LifeguardError `ERR_OPTIONS`, with one line for each mistake. */
export function expectAll(caller: string, expectations: readonly Expectation[]): void {
  const mistakes = expectations.filter(([holds]) => !holds).map(([, mistake]) => mistake)
  if (mistakes.length === 0) return
  throw new LifeguardError('ERR_OPTIONS', `${caller}:\n  ${mistakes.join('\n  ')}`)
}

export function isPool(value: Pool): Expectation {
  const { openScope, stats } = (value ?? {}) as Partial<Pool>
  return [
    typeof openScope === 'function' && typeof stats === 'function',
    'pool: expected what createPool() answers',
  ]
}

export function isFunction(name: string, value: unknown): Expectation {
  return [typeof value === 'function', `${name}: expected a function`]
}

export function isOneOf(name: string, allowed: readonly unknown[], value: unknown): Expectation {
  return [
    value === undefined || allowed.includes(value),
    `${name}: expected one of ${allowed.map(String).join(', ')}`,
  ]
}

export function isDuration(name: string, value: unknown): Expectation {
  return [
    value === undefined || (typeof value === 'number' && value >= 0 && value <= LONGEST_TIMER_MS),
    `${name}: expected milliseconds, from 0 to ${LONGEST_TIMER_MS}`,
  ]
}

/** So that a misspelled option is not the same as a missing one. */
export function hasOnly(name: string, known: readonly string[], value: unknown): Expectation {
  if (typeof value !== 'object' || value === null) return [false, `${name}: expected an object`]
  const unknown = Object.keys(value).filter((key) => !known.includes(key))
  return [
    unknown.length === 0,
    `${name}: unknown ${unknown.join(', ')}; there is ${known.join(', ')}`,
  ]
}
