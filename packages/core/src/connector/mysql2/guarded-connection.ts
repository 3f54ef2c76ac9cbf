import { AsyncResource } from 'node:async_hooks'
import { EventEmitter } from 'node:events'

import type { Connection } from 'mysql2'

import type { Guard } from '../connector.ts'
import type { Wire } from './wire.ts'

type Callback = (error: Error | null, ...rest: unknown[]) => void
type Method = (...args: unknown[]) => unknown

/** Members that tell or compute something and touch neither session nor socket. */
const READABLE: ReadonlySet<PropertyKey> = new Set([
  'authorized',
  'escape',
  'escapeId',
  'fatalError',
  'format',
  'raw',
  'state',
  'threadId',
])

/** Members that send something to the server, and take a callback last. */
const SENDING: ReadonlySet<PropertyKey> = new Set([
  'beginTransaction',
  'changeUser',
  'commit',
  'execute',
  'ping',
  'query',
  'reset',
  'rollback',
])

/** The connection's events, as far as a borrower may listen to them. */
const EVENTS = ['error', 'end', 'drain', 'warn'] as const

/**
 * mysql2's connection for what the lease does not wrap (streams, events, mysql2's own promise wrapper),
 * which dies with the lease. It denies by default: only the members named here exist, none gives the
 * real connection away, and listeners added through it are gone after the release.
 */
export function guardConnection(core: Connection, wire: Wire, guard: Guard): Connection {
  const events = new EventEmitter()
  // A borrower who does not listen must not be the end of the process.
  events.on('error', () => {})
  for (const name of EVENTS) relay(core, events, name, guard)

  const send = (name: PropertyKey, args: unknown[]): unknown => {
    const error = guard.error()
    if (error) return refuse(error, args)
    return (core as unknown as Record<PropertyKey, Method>)[name]!(...args.map(inContext))
  }
  const members: Record<PropertyKey, unknown> = Object.assign(
    Object.create(null) as Record<PropertyKey, unknown>,
    {
      promise: core.promise,
      prepare: (statement: string, callback?: Callback) =>
        prepare(core, guard, handle, statement, callback),
      unprepare: (statement: string) => (guard.error() ? undefined : core.unprepare(statement)),
      pause: () => guard.error() ?? core.pause(),
      resume: () => guard.error() ?? core.resume(),
      ping: (callback?: Callback) => {
        const error = guard.error()
        if (error) return refuse(error, [callback])
        return wire.sendTrusted(() => core.ping(callback as never))
      },
      release: () => void guard.release(),
      end: (callback?: Callback) => {
        void guard.release().then(() => callback?.(null))
      },
      destroy: () => guard.destroy(),
      close: () => guard.destroy(),
      [Symbol.dispose]: () => void guard.release(),
      [Symbol.asyncDispose]: () => guard.release(),
    },
  )
  for (const name of ['on', 'once', 'off', 'addListener', 'removeListener', 'prependListener']) {
    members[name] = (...args: [string, () => void]) => {
      ;(events as unknown as Record<string, Method>)[name]!(...args)
      return handle
    }
  }
  for (const name of ['emit', 'listeners', 'listenerCount', 'eventNames', 'removeAllListeners']) {
    members[name] = (events as unknown as Record<string, Method>)[name]!.bind(events)
  }

  const handle: Connection = new Proxy(core, {
    get(_target, name) {
      if (name in members) return members[name]
      if (SENDING.has(name)) return (...args: unknown[]) => send(name, args)
      // A copy: what it says belongs to the connection, and would be the next borrower's, too.
      if (name === 'config') return Object.freeze({ ...core.config })
      if (!READABLE.has(name)) return undefined
      const value = (core as unknown as Record<PropertyKey, unknown>)[name]
      return typeof value === 'function' ? (value as Method).bind(core) : value
    },
    set(_target, name, value) {
      members[name] = value
      return true
    },
    has: (_target, name) =>
      name in members || name === 'config' || SENDING.has(name) || READABLE.has(name),
  })
  return handle
}

function relay(core: Connection, events: EventEmitter, name: string, guard: Guard): void {
  const forward = (...args: unknown[]): void => {
    if (guard.error()) core.off(name, forward)
    else events.emit(name, ...args)
  }
  events.on('newListener', (added: string) => {
    if (added === name && !core.listeners(name).includes(forward)) core.on(name, forward)
  })
  guard.onEnd(() => core.off(name, forward))
}

/** A prepared statement of the borrower's, as dead after the release as the lease itself. */
function prepare(
  core: Connection,
  guard: Guard,
  handle: Connection,
  statement: string,
  callback?: Callback,
): unknown {
  const error = guard.error()
  if (error) return refuse(error, [callback])
  return core.prepare(statement, (failure, prepared) => {
    if (failure) return callback?.(failure)
    const { id, query, columns, parameters } = prepared as unknown as Record<string, unknown>
    callback?.(null, {
      id,
      query,
      columns,
      parameters,
      // Where mysql2's promise wrapper looks for the settings.
      _connection: handle,
      execute: (...args: unknown[]) => {
        const late = guard.error()
        return late
          ? refuse(late, args)
          : (prepared.execute as Method).apply(prepared, args.map(inContext))
      },
      // mysql2's own close leaves it in the cache, for the next `execute` of that text to fail with.
      close: () => (guard.error() ? undefined : core.unprepare(statement)),
    })
  })
}

/** mysql2 calls back in the context of whoever opened the socket; callers expect their own. */
function inContext(arg: unknown): unknown {
  return typeof arg === 'function' ? AsyncResource.bind(arg as Callback) : arg
}

/** Fails as mysql2 does: through the callback, or through an `error` of the returned command. */
function refuse(error: Error, args: unknown[]): EventEmitter {
  const callback = args.findLast((arg) => typeof arg === 'function') as Callback | undefined
  const command = new EventEmitter()
  process.nextTick(() => {
    if (callback) callback(error)
    else if (command.listenerCount('error') > 0) command.emit('error', error)
  })
  return command
}
