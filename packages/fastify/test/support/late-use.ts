import type { Scope } from '@lifeguard/core'

/** The code of the error that a use of the scope meets. */
export function lateUse(db: Scope): Promise<string | undefined> {
  return db.query('SELECT 1').then(
    () => undefined,
    (error: { code?: string }) => error.code,
  )
}
