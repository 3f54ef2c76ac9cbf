import { AsyncResource } from 'node:async_hooks'
import { tracingChannel, type TracingChannel } from 'node:diagnostics_channel'

/** What a tracer is told of an acquire. */
interface AcquireTrace {
  readonly pool: string
  readonly label: string
  /** The lease, from `asyncStart` on. */
  result?: unknown
  /** Why there is none, from `error` on. */
  error?: unknown
}

const channel: TracingChannel<AcquireTrace, AcquireTrace> = tracingChannel('lifeguard:acquire')
const { start, end, asyncStart, asyncEnd, error } = channel

/**
 * Tells tracers of one acquire, so that they can make a span of the waiting: `tracing:lifeguard:acquire:start` and so
 * on, in the order of `tracePromise`. That would put a second promise between the pool and whoever waits, which costs
 * more than all the rest of the telling.
 */
export class AcquireTracing {
  readonly #message: AcquireTrace
  /** That of the caller: he is served while somebody else gives a connection back. */
  readonly #context: AsyncResource

  static get wanted(): boolean {
    return channel.hasSubscribers
  }

  constructor(pool: string, label: string) {
    this.#message = { pool, label }
    this.#context = start.runStores(this.#message, begin, undefined, this.#message)
  }

  succeeded(lease: unknown): void {
    this.#message.result = lease
    this.#context.runInAsyncScope(tellEnd, undefined, this.#message)
  }

  failed(reason: Error): void {
    this.#message.error = reason
    this.#context.runInAsyncScope(tellFailure, undefined, this.#message)
  }
}

/** With the stores that tracers have bound to the start, which all that follows is told with, too. */
function begin(trace: AcquireTrace): AsyncResource {
  end.publish(trace)
  return new AsyncResource('LifeguardAcquire')
}

function tellEnd(trace: AcquireTrace): void {
  asyncStart.publish(trace)
  asyncEnd.publish(trace)
}

function tellFailure(trace: AcquireTrace): void {
  error.publish(trace)
  tellEnd(trace)
}
