import type { Clock, Timer } from '../util/clock.ts'
import type { Inventory } from './inventory.ts'
import type { EvictReason, Slot } from './slot.ts'

export interface HousekeeperOptions {
  readonly min: number
  readonly maxIdle: number
  /** Milliseconds, as all below. 0: never. */
  readonly idleTimeout: number
  readonly healthCheckInterval: number
  readonly leakThreshold: number
}

/** What the housekeeper asks of the pool. */
export interface HousekeeperHost {
  evict(slot: Slot, reason: EvictReason): void
  check(slot: Slot): void
  fill(): void
  suspect(slot: Slot, heldMs: number): void
}

const SHORTEST_ROUND_MS = 20
const LONGEST_ROUND_MS = 5000

/** The periodic upkeep: lifetime, idle time, health, `min`, and leases that are held for too long. */
export class Housekeeper {
  readonly #inventory: Inventory
  readonly #clock: Clock
  readonly #options: HousekeeperOptions
  readonly #host: HousekeeperHost
  #timer: Timer | undefined

  constructor(
    inventory: Inventory,
    clock: Clock,
    options: HousekeeperOptions,
    host: HousekeeperHost,
  ) {
    this.#inventory = inventory
    this.#clock = clock
    this.#options = options
    this.#host = host
  }

  start(): void {
    this.#timer = this.#clock.after(this.#round, () => {
      this.#keep()
      this.start()
    })
  }

  stop(): void {
    this.#timer?.cancel()
  }

  /** Often enough that nothing overstays its time by more than half. */
  get #round(): number {
    const { idleTimeout, healthCheckInterval, leakThreshold } = this.#options
    const shortest = Math.min(
      ...[idleTimeout, healthCheckInterval, leakThreshold].filter((ms) => ms > 0),
      LONGEST_ROUND_MS * 2,
    )
    return Math.max(SHORTEST_ROUND_MS, shortest / 2)
  }

  #keep(): void {
    const now = this.#clock.now()
    // The coldest first. A listener that is told of an eviction may take the next one.
    for (const slot of [...this.#inventory.in('idle')]) {
      if (slot.state === 'idle') this.#keepIdle(slot, now)
    }
    this.#host.fill()
    if (this.#options.leakThreshold > 0) this.#watchLeases(now)
  }

  #keepIdle(slot: Slot, now: number): void {
    const { min, maxIdle, idleTimeout, healthCheckInterval } = this.#options
    if (now >= slot.expiresAt) return this.#host.evict(slot, 'max lifetime')
    if (this.#inventory.count('idle') > maxIdle) return this.#host.evict(slot, 'max idle')
    const spare = this.#inventory.total - this.#inventory.count('closing') > min
    if (idleTimeout > 0 && spare && now - slot.idleSince >= idleTimeout) {
      return this.#host.evict(slot, 'idle timeout')
    }
    if (healthCheckInterval > 0 && now - slot.checkedAt >= healthCheckInterval) {
      this.#host.check(slot)
    }
  }

  #watchLeases(now: number): void {
    for (const slot of this.#inventory.in('inUse')) {
      const { lease } = slot
      if (!lease || lease.suspected) continue
      const heldMs = now - lease.since
      if (heldMs >= this.#options.leakThreshold) this.#host.suspect(slot, heldMs)
    }
  }
}
