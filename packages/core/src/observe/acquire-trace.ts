import { type Channel, tracingChannel, type TracingChannel } from 'node:diagnostics_channel'

/** What a tracer is told of an acquire. */
interface Message {
  readonly pool: string
  readonly label: string
  /** The lease, from `asyncStart` on. */
  result: unknown
  /** Why there is none, from `error` on. */
  error?: unknown
}

const acquire: TracingChannel<Message, Message> = tracingChannel('lifeguard:acquire')
const { start, end, asyncStart, asyncEnd, error } = acquire
const BEGUN = [start, end]
const ENDED = [asyncStart, asyncEnd]
/** What Node keeps for itself, and may keep elsewhere tomorrow: see `run`. */
const internals = start as { readonly _stores?: ReadonlyMap<unknown, unknown> }

/**
 * Tells tracers of one acquire, so that they can make a span of the waiting: `tracing:lifeguard:acquire:start` and so
 * on, in the order of `tracePromise`. The end is told in a continuation that is there anyway, wherever it can: another
 * promise, or an AsyncResource, costs more than all the rest of the telling.
 */
export class AcquireTrace {
  readonly #message: Message

  static get wanted(): boolean {
    return acquire.hasSubscribers
  }

  constructor(pool: string, label: string) {
    this.#message = { pool, label, result: undefined }
  }

  /**
   * Tells the start and the end of the asking, and runs `work`, which tells the rest, with the stores that tracers have
   * bound to the start. Whoever asks has a promise, or the lease.
   */
  run<T>(work: () => T): T {
    // `runStores` does the same where none are bound, but is the dearest part of a trace. Where another Node hides its
    // stores, it is called each time.
    const { _stores: stores } = internals
    if (stores?.size !== 0) {
      return start.runStores(this.#message, () => {
        end.publish(this.#message)
        return work()
      })
    }
    this.#tell(BEGUN)
    return work()
  }

  succeeded(lease: unknown): void {
    this.#message.result = lease
    this.#tell(ENDED)
  }

  failed(reason: unknown): void {
    this.#message.error = reason
    error.publish(this.#message)
    this.#tell(ENDED)
  }

  /** In a loop, for each place where `publish` stands becomes a copy of it, which a processor has to fetch. */
  #tell(channels: readonly Channel[]): void {
    for (const channel of channels) channel.publish(this.#message)
  }
}
