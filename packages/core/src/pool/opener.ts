import type { Connector } from '../connector/connector.ts'
import { classifyConnectFailure } from '../connector/failure.ts'
import type { Clock, Timer } from '../util/clock.ts'
import { textOf } from '../util/text.ts'
import { TIMED_OUT, within } from '../util/within.ts'
import type { ConnectGate } from './connect-gate.ts'
import { Growth, GROWTH_TICK_MS } from './growth.ts'
import type { Inventory } from './inventory.ts'
import type { Slot } from './slot.ts'

/** What the opener tells the pool. */
export interface OpenerHost {
  /** Waiters that no check under way will serve. */
  unmet(): number
  opened(slot: Slot, connectMs: number): void
  failed(slot: Slot, error: Error): void
  /** Something that was not allowed before may be allowed now. */
  retry(): void
}

export interface OpenerOptions {
  readonly max: number
  readonly maxConnecting: number
  readonly connectTimeout: number
  /** False: every waiter needs a connection of its own, so nothing is gained by waiting for one. */
  readonly pooled: boolean
}

/** Opens connections: as many at once as the growth policy wants and the gate allows. */
export class Opener {
  readonly #connector: Connector
  readonly #inventory: Inventory
  readonly #gate: ConnectGate
  readonly #clock: Clock
  readonly #options: OpenerOptions
  readonly #host: OpenerHost
  readonly #growth: Growth
  readonly #attempts = new Set<AbortController>()
  #stopped = false
  #tick: Timer | undefined
  #retry: Timer | undefined

  constructor(
    connector: Connector,
    inventory: Inventory,
    gate: ConnectGate,
    clock: Clock,
    options: OpenerOptions,
    host: OpenerHost,
  ) {
    this.#connector = connector
    this.#inventory = inventory
    this.#gate = gate
    this.#clock = clock
    this.#options = options
    this.#host = host
    this.#growth = new Growth(options.maxConnecting)
  }

  /** Starts what the waiters need. Called after every change, so a full pool must be quick to say no. */
  demand(now: number): void {
    if (this.#stopped) return
    const room = this.#room(now)
    if (room <= 0) return this.#armRetry(now)
    const unmet = this.#host.unmet()
    if (unmet <= 0) return
    if (!this.#tick) {
      this.#growth.begin(unmet)
      this.#armTick()
    }
    const connecting = this.#inventory.count('connecting')
    const wanted = this.#options.pooled
      ? this.#growth.wanted(unmet, connecting, room)
      : Math.min(unmet - connecting, room)
    this.#start(wanted, now)
  }

  /** Nobody waits any more: the next burst is judged afresh. */
  relax(): void {
    this.#tick?.cancel()
    this.#tick = undefined
  }

  /** Opens connections ahead of demand, up to `target` in all. */
  fill(target: number): void {
    const missing = target - this.#inventory.total
    if (missing <= 0 || this.#stopped) return
    const now = this.#clock.now()
    const room = this.#room(now)
    if (room <= 0) return this.#armRetry(now)
    this.#start(Math.min(missing, room), now)
  }

  stop(reason: Error): void {
    this.#stopped = true
    for (const attempt of this.#attempts) attempt.abort(reason)
    this.#tick?.cancel()
    this.#retry?.cancel()
  }

  #room(now: number): number {
    return this.#gate.limit(this.#options.max, now) - this.#inventory.total
  }

  #start(wanted: number, now: number): void {
    if (wanted <= 0) return
    const connecting = this.#inventory.count('connecting')
    const allowed = Math.min(this.#gate.allowed(now), this.#options.maxConnecting) - connecting
    for (let i = Math.min(wanted, allowed); i > 0; i--) void this.#open()
    this.#armRetry(now)
  }

  async #open(): Promise<void> {
    const slot = this.#inventory.add()
    const started = this.#clock.now()
    const attempt = new AbortController()
    this.#attempts.add(attempt)
    try {
      const opening = this.#connector.open(attempt.signal)
      const session = await within(this.#clock, this.#options.connectTimeout, opening)
      if (session === TIMED_OUT) {
        // A session that arrives now is nobody's.
        opening.then(
          (late) => late.destroy(),
          () => {},
        )
        throw Object.assign(
          new Error(
            `no connection to ${this.#connector.target} within ${this.#options.connectTimeout} ms`,
          ),
          { code: 'ETIMEDOUT' },
        )
      }
      slot.session = session
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(textOf(cause))
      attempt.abort(error)
      const open = this.#inventory.total - this.#inventory.count('connecting')
      this.#gate.failed(classifyConnectFailure(error), error, open, this.#clock.now())
      this.#host.failed(slot, error)
      return
    } finally {
      this.#attempts.delete(attempt)
    }
    const ms = this.#clock.now() - started
    this.#gate.succeeded()
    this.#growth.connected(ms, this.#host.unmet())
    this.#host.opened(slot, ms)
  }

  /** While somebody waits, the growth policy looks at the queue in even steps. */
  #armTick(): void {
    this.#tick = this.#clock.after(GROWTH_TICK_MS, () => {
      this.#tick = undefined
      const unmet = this.#host.unmet()
      if (unmet <= 0) return
      this.#growth.tick(unmet)
      this.#armTick()
      this.demand(this.#clock.now())
    })
  }

  #armRetry(now: number): void {
    const at = this.#gate.nextChange(now)
    if (at === Infinity || this.#retry) return
    this.#retry = this.#clock.after(at - now, () => {
      this.#retry = undefined
      this.#host.retry()
    })
  }
}
