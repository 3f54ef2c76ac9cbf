import type { Scope } from '@lifeguard/core'
import type { Request } from 'express'

import { mountPathOf } from './mount-path.ts'

export function scopeOf(req: Request, name: string): Scope | undefined {
  return (req as unknown as Record<string, Scope | undefined>)[name]
}

export function setScope(req: Request, name: string, scope: Scope): void {
  ;(req as unknown as Record<string, Scope>)[name] = scope
}

/** The route's template as far as it is known yet, never the parameters. */
export function labelOf(req: Request): string {
  const route = (req.route as { path?: unknown } | undefined)?.path
  return `${req.method} ${mountPathOf(req)}${typeof route === 'string' ? route : ''}`
}
