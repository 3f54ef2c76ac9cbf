import type { Connector } from '../connector/connector.ts'
import type { Facts } from '../observe/events.ts'
import type { Counters } from '../observe/stats.ts'
import type { SettleMode } from '../session/settle-plan.ts'
import type { Clock } from '../util/clock.ts'
import { TIMED_OUT, within } from '../util/within.ts'
import type { Inventory } from './inventory.ts'
import type { Lease } from './lease.ts'
import { expiry, retiredAfterUse, retiredWhenIdle, type RetirementOptions } from './retirement.ts'
import { Settler } from './settler.ts'
import type { EvictReason, Slot } from './slot.ts'

export interface LifecycleOptions extends RetirementOptions {
  readonly settle: SettleMode
  readonly settleTimeout: number
  readonly checkAfterIdle: number
  readonly checkTimeout: number
}

const CLOSE_TIMEOUT_MS = 1000
/** A check this recent is as good as one made now, however short `checkAfterIdle` is. */
const JUST_CHECKED_MS = 10
/** Nobody is there, or nobody to trust, for a goodbye. */
const NO_GOODBYE: ReadonlySet<EvictReason> = new Set([
  'connection lost',
  'check failed',
  'settle failed',
])
const DONE: Promise<void> = Promise.resolve()

/** What a connection goes through from the moment it is open: checked, settled, kept or closed. */
export class Lifecycle {
  readonly #inventory: Inventory
  readonly #connector: Connector
  readonly #options: LifecycleOptions
  readonly #clock: Clock
  readonly #random: () => number
  readonly #counters: Counters
  readonly #facts: Facts
  readonly #settler: Settler
  /** Called whenever a connection has become free, or room for another one. */
  readonly #onChange: (now: number) => void
  #closed = false

  constructor(
    inventory: Inventory,
    connector: Connector,
    options: LifecycleOptions,
    clock: Clock,
    random: () => number,
    counters: Counters,
    facts: Facts,
    onChange: (now: number) => void,
  ) {
    this.#inventory = inventory
    this.#connector = connector
    this.#options = options
    this.#clock = clock
    this.#random = random
    this.#counters = counters
    this.#facts = facts
    this.#onChange = onChange
    const settling = { mode: options.settle, timeout: options.settleTimeout }
    this.#settler = new Settler(connector, settling, clock, counters, facts)
  }

  /** A new connection is there. */
  opened(slot: Slot, connectMs: number): void {
    const now = this.#clock.now()
    this.#counters.created++
    this.#counters.connect.record(connectMs)
    slot.expiresAt = expiry(now, this.#options, this.#random)
    slot.checkedAt = now
    slot.session!.onDeath((cause) => this.#onDeath(slot, cause))
    if (this.#facts.connected.heard) {
      const { threadId } = slot.session!
      this.#facts.connected.tell({
        pool: this.#facts.pool,
        connection: slot.id,
        threadId,
        connectMs,
      })
    }
    this.#shelve(slot, now)
  }

  /** A connection could not be opened. */
  failed(slot: Slot): void {
    this.#inventory.move(slot, 'closing')
    this.#inventory.remove(slot)
  }

  /** The hottest idle connection, if there is one that needs no check before use. */
  takeHot(now: number): Slot | undefined {
    for (let slot = this.#inventory.hottest; slot; slot = this.#inventory.hottest) {
      const retired = retiredWhenIdle(slot, now)
      if (retired) {
        this.evict(slot, retired)
        continue
      }
      return this.#isHot(slot, now) ? slot : undefined
    }
    return undefined
  }

  /** Pings; the connection is idle again, or gone. */
  async check(slot: Slot): Promise<void> {
    this.#inventory.move(slot, 'checking')
    const ping = within(this.#clock, this.#options.checkTimeout, slot.session!.ping())
    const answer = await ping.catch((cause: unknown) => {
      slot.trouble = cause
      return TIMED_OUT
    })
    if (slot.state !== 'checking') return
    if (answer === TIMED_OUT) return this.evict(slot, 'check failed')
    const now = this.#clock.now()
    slot.checkedAt = now
    this.#inventory.move(slot, 'idle')
    this.#onChange(now)
  }

  /** A use is over: settles what it left behind, at once where that is nothing. */
  comeBack(slot: Slot, lease: Lease, now: number): Promise<void> {
    if (slot.session!.clean && this.#options.settle === 'auto' && !slot.interrupting) {
      this.#keep(slot, now)
      return DONE
    }
    return this.#settle(slot, lease.label)
  }

  /** Ends the statement that runs on a connection in use, or the connection where it will not end. */
  interrupt(slot: Slot, label: string): Promise<void> {
    slot.interrupting = this.#interrupt(slot, label).finally(() => {
      slot.interrupting = undefined
    })
    return slot.interrupting
  }

  evict(slot: Slot, reason: EvictReason): void {
    this.#inventory.move(slot, 'closing')
    this.#counters.evicted[reason]++
    if (this.#facts.evicted.heard) {
      this.#facts.evicted.tell({
        pool: this.#facts.pool,
        connection: slot.id,
        reason,
        cause: slot.trouble,
      })
    }
    void this.#close(slot, NO_GOODBYE.has(reason))
  }

  /** Closes what is free now, and the rest as soon as it is. */
  evictAll(reason: EvictReason): void {
    for (const slot of [...this.#inventory]) {
      if (slot.state === 'idle' || slot.state === 'checking') this.evict(slot, reason)
      else if (slot.state !== 'closing' && slot.state !== 'connecting') slot.doom ??= reason
    }
  }

  /** From now on nothing is kept. */
  close(): void {
    this.#closed = true
    this.evictAll('pool closed')
  }

  #isHot(slot: Slot, now: number): boolean {
    const { checkAfterIdle } = this.#options
    return (
      now - slot.idleSince <= checkAfterIdle ||
      now - slot.checkedAt <= Math.max(checkAfterIdle, JUST_CHECKED_MS)
    )
  }

  async #interrupt(slot: Slot, label: string): Promise<void> {
    try {
      await this.#settler.interrupt(slot, label)
    } catch {
      const kill = this.#connector.kill(slot.session!.threadId, 'connection').catch(() => {})
      await within(this.#clock, this.#options.settleTimeout, kill)
      slot.session!.destroy()
    }
  }

  async #settle(slot: Slot, label: string): Promise<void> {
    this.#inventory.move(slot, 'settling')
    if (slot.interrupting) await slot.interrupting
    const trouble = await this.#settler.settle(slot, label)
    // Its other connections lead to the same server.
    if (trouble === 'read-only server') this.evictAll(trouble)
    if (trouble) this.evict(slot, trouble)
    else this.#keep(slot, this.#clock.now())
  }

  #keep(slot: Slot, now: number): void {
    const retired = retiredAfterUse(slot, now, this.#options)
    if (retired) this.evict(slot, retired)
    else this.#shelve(slot, now)
  }

  #shelve(slot: Slot, now: number): void {
    slot.idleSince = now
    this.#inventory.move(slot, 'idle')
    if (this.#closed) this.evict(slot, 'pool closed')
    else if (slot.session!.dead) this.evict(slot, 'connection lost')
    else this.#onChange(now)
  }

  /** Idle or being checked: gone at once. In use or settling: found out on the way back. */
  #onDeath(slot: Slot, cause: Error): void {
    slot.trouble = cause
    if (slot.state === 'idle' || slot.state === 'checking') this.evict(slot, 'connection lost')
  }

  async #close(slot: Slot, atOnce: boolean): Promise<void> {
    const session = slot.session!
    const closing = atOnce ? TIMED_OUT : within(this.#clock, CLOSE_TIMEOUT_MS, session.close())
    const closed = await Promise.resolve(closing).catch(() => TIMED_OUT)
    if (closed === TIMED_OUT) session.destroy()
    this.#inventory.remove(slot)
    this.#onChange(this.#clock.now())
  }
}
