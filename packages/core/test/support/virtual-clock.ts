import type { Clock, Timer } from '#core/util/clock.js'

interface Pending {
  readonly at: number
  readonly fn: () => void
}

const FOR_EVER_MS = 24 * 3600 * 1000

/** Time that passes only when a test says so. */
export class VirtualClock implements Clock {
  #now = 0
  readonly #pending = new Set<Pending>()

  now(): number {
    return this.#now
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#pending.size
  }

  after(delay: number, fn: () => void): Timer {
    const timer = { at: this.#now + Math.max(0, delay), fn }
    this.#pending.add(timer)
    return { cancel: () => this.#pending.delete(timer) }
  }

  /** Lets time pass; whatever a timer sets in motion is done before the next one fires. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await flush()
    while (this.#fireNext(until)) await flush()
    this.#now = until
  }

  /** Lets time pass until the promise is settled, and answers as it does. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let settled = false
    const done = (): void => {
      settled = true
    }
    promise.then(done, done)
    await flush()
    const latest = this.#now + FOR_EVER_MS
    while (!settled) {
      if (!this.#fireNext(latest)) throw new Error('it would wait for ever')
      await flush()
    }
    return promise
  }

  #fireNext(until: number): boolean {
    let next: Pending | undefined
    for (const timer of this.#pending) if (!next || timer.at < next.at) next = timer
    if (!next || next.at > until) return false
    this.#pending.delete(next)
    this.#now = next.at
    next.fn()
    return true
  }
}

/** Lets happen what needs no time: promise jobs, and the turns of the loop that time-outs grant. */
export async function flush(): Promise<void> {
  for (let turns = 4; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve))
}
