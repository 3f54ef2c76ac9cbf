import { tracingChannel, type TracingChannel } from 'node:diagnostics_channel'

/** What a tracer is told of one acquire: the same object in every step. */
export interface AcquireTrace {
  readonly pool: string
  readonly label: string
  /** The lease, from `asyncStart` on. */
  result: unknown
  /** Why there is none, from `error` on. */
  error?: unknown
}

/**
 * Tracers make a span of the waiting: `tracing:lifeguard:acquire:start` and so on, in the order of `tracePromise`. The
 * end is told in a continuation that is there anyway, wherever it can: another promise, or an AsyncResource, costs more
 * than all the rest of the telling.
 */
const acquire: TracingChannel<AcquireTrace, AcquireTrace> = tracingChannel('lifeguard:acquire')
const { start, end, asyncStart, asyncEnd, error } = acquire
/** What Node keeps for itself, and may keep elsewhere tomorrow. */
const internals = start as { readonly _stores?: ReadonlyMap<unknown, unknown> }

/** Asked before a trace is made. */
export function isTraced(): boolean {
  return acquire.hasSubscribers
}

/**
 * Whether a tracer has bound a store to the start, which is then to be told with `runBegun`, the dearest part of a
 * trace. Where none is to be seen the answer is yes: nobody may listen to the
 * start, or another Node hide its stores.
 */
export function hasStores(): boolean {
  const { _stores: stores } = internals
  return stores?.size !== 0
}

/** The asking has begun and ended: whoever asks has a promise, or the lease. */
export function tellBegun(trace: AcquireTrace): void {
  start.publish(trace)
  end.publish(trace)
}

/** As `tellBegun`, and runs `work`, which tells the rest, with the stores that tracers have bound. */
export function runBegun<T>(trace: AcquireTrace, work: () => T): T {
  return start.runStores(trace, () => {
    end.publish(trace)
    return work()
  })
}

export function tellServed(trace: AcquireTrace, lease: unknown): void {
  trace.result = lease
  asyncStart.publish(trace)
  asyncEnd.publish(trace)
}

/** All of it, of a lease that was had without waiting. */
export function tellLent(trace: AcquireTrace, lease: unknown): void {
  if (hasStores()) return runBegun(trace, () => tellServed(trace, lease))
  tellBegun(trace)
  tellServed(trace, lease)
}

export function tellFailed(trace: AcquireTrace, reason: unknown): void {
  trace.error = reason
  error.publish(trace)
  asyncStart.publish(trace)
  asyncEnd.publish(trace)
}
