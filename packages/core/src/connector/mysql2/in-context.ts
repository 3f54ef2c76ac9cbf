import { AsyncResource } from 'node:async_hooks'

type AnyFunction = Parameters<AsyncResource['runInAsyncScope']>[0]

/**
 * mysql2 calls back in the context of whoever opened the socket; callers expect their own. (`AsyncResource.bind` does
 * the same, but takes longer for it than the round trip, for the sake of a deprecated property.)
 */
export function inContext<T>(arg: T): T {
  if (typeof arg !== 'function') return arg
  const resource = new AsyncResource('LifeguardCallback')
  const fn = arg as unknown as AnyFunction
  return function (this: unknown, ...args: unknown[]): unknown {
    return resource.runInAsyncScope(fn, this, ...args)
  } as T
}

/** For a callback that answers one statement: mysql2 calls it again where its own time limit came before the end. */
export function onceInContext<T>(arg: T): T {
  if (typeof arg !== 'function') return arg
  const bound = inContext(arg) as unknown as AnyFunction
  let called = false
  return function (this: unknown, ...args: unknown[]): unknown {
    if (called) return undefined
    called = true
    return Reflect.apply(bound, this, args)
  } as T
}
