import * as z from 'zod'

import { LifeguardError } from '../errors.ts'
import type { PoolOptions } from './options.ts'

const seconds = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'expected a number of seconds')
  .transform((text) => Number(text) * 1000)
const count = z.string().regex(/^\d+$/, 'expected a whole number').transform(Number)
const flag = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['true', 'false', '1', '0'], { error: 'expected true or false' }))
  .transform((text) => text === 'true' || text === '1')
const text = z.string()

/** Variable, the option that it sets, and how it is read. Durations are seconds here, as users know them. */
const VARIABLES: readonly (readonly [string, keyof PoolOptions, z.ZodType])[] = [
  ['DB_POOL_ENABLED', 'enabled', flag],
  ['DB_POOL_MIN', 'min', count],
  ['DB_POOL_MAX', 'max', count],
  ['DB_POOL_TIMEOUT', 'acquireTimeout', seconds],
  ['DB_POOL_IDLE_TIMEOUT', 'idleTimeout', seconds],
  ['DB_POOL_HEALTH_CHECK', 'healthCheckInterval', seconds],
  ['DB_POOL_MAX_LIFETIME', 'maxLifetime', seconds],
  ['DB_POOL_QUEUE_LIMIT', 'queueLimit', count],
  ['DB_POOL_LEAK_THRESHOLD', 'leakThreshold', seconds],
  ['DATABASE_URL', 'uri', text],
  ['DB_HOST', 'host', text],
  ['DB_PORT', 'port', count],
  ['DB_USERNAME', 'user', text],
  ['DB_PASSWORD', 'password', text],
  ['DB_DATABASE', 'database', text],
]

const KNOWN = new Set(VARIABLES.map(([variable]) => variable))

/**
 * Pool options from the `DB_*` variables and `DATABASE_URL`. An empty variable counts as absent, and
 * `DB_HOST` and its like are ignored where there is a `DATABASE_URL`. Throws `ERR_OPTIONS` with one line
 * for each mistake, unknown `DB_POOL_*` names included.
 */
export function poolOptionsFromEnv(
  env: Readonly<Record<string, string | undefined>> = process.env,
): PoolOptions {
  const problems = Object.keys(env)
    .filter((name) => name.startsWith('DB_POOL_') && !KNOWN.has(name))
    .map((name) => `${name}: unknown variable`)
  problems.push(...persistentProblems(env))
  const options: Record<string, unknown> = {}
  for (const [variable, option, schema] of VARIABLES) {
    const value = env[variable]
    if (value === undefined || value === '') continue
    const parsed = schema.safeParse(value)
    if (parsed.success) options[option] = parsed.data
    else problems.push(`${variable}: ${parsed.error.issues[0]!.message}`)
  }
  if (problems.length > 0) {
    throw new LifeguardError('ERR_OPTIONS', `invalid environment:\n  ${problems.join('\n  ')}`)
  }
  if (options['uri'] !== undefined) {
    for (const part of ['host', 'port', 'user', 'password', 'database']) delete options[part]
  }
  return options
}

function persistentProblems(env: Readonly<Record<string, string | undefined>>): string[] {
  const value = env['DB_PERSISTENT']
  if (value === undefined || value === '') return []
  if (value.toLowerCase() === 'false' || value === '0') return []
  return [
    'DB_PERSISTENT: only false is possible. A persistent connection belongs to one worker for ever, ' +
      'session state and open transaction included; the pool keeps connections open by itself, see DB_POOL_MIN',
  ]
}
