import { tracingChannel, type TracingChannel } from 'node:diagnostics_channel'

/** What a tracer is told of an acquire. */
interface Message {
  readonly pool: string
  readonly label: string
  /** The lease, from `asyncStart` on. */
  result: unknown
  /** Why there is none, from `error` on. */
  error?: unknown
}

const channel: TracingChannel<Message, Message> = tracingChannel('lifeguard:acquire')
const { start, end, asyncStart, asyncEnd, error } = channel

/**
 * Tells tracers of one acquire, so that they can make a span of the waiting: `tracing:lifeguard:acquire:start` and so
 * on, in the order of `tracePromise`. The end is told in a continuation that is there anyway, wherever it can: another
 * promise, or an AsyncResource, costs more than all the rest of the telling.
 */
export class AcquireTrace {
  readonly #message: Message

  static get wanted(): boolean {
    return channel.hasSubscribers
  }

  constructor(pool: string, label: string) {
    this.#message = { pool, label, result: undefined }
  }

  /** Tells the start, and runs `tell`, which tells the rest, with the stores that tracers have bound to the start. */
  run<T>(tell: () => T): T {
    return start.runStores(this.#message, tell)
  }

  /** Whoever asks has a promise, or the lease. */
  begun(): void {
    end.publish(this.#message)
  }

  succeeded(lease: unknown): void {
    this.#message.result = lease
    this.#tellEnd()
  }

  failed(reason: unknown): void {
    this.#message.error = reason
    error.publish(this.#message)
    this.#tellEnd()
  }

  #tellEnd(): void {
    asyncStart.publish(this.#message)
    asyncEnd.publish(this.#message)
  }
}
