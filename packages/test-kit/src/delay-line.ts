/** Does things in the order they came, each after its delay; at once while nothing is queued. */
export class DelayLine {
  #queue: { readonly due: number; readonly action: () => void }[] = []
  #timer: NodeJS.Timeout | undefined

  push(action: () => void, delay: number): void {
    if (delay === 0 && this.#queue.length === 0) {
      action()
      return
    }
    // A delay that was lowered must not let later bytes overtake.
    const last = this.#queue.at(-1)?.due ?? 0
    this.#queue.push({ due: Math.max(performance.now() + delay, last), action })
    this.#schedule()
  }

  clear(): void {
    this.#queue = []
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #schedule(): void {
    const first = this.#queue[0]
    if (first === undefined || this.#timer !== undefined) return
    this.#timer = setTimeout(() => this.#run(), Math.max(0, first.due - performance.now()))
  }

  #run(): void {
    this.#timer = undefined
    const now = performance.now()
    while (this.#queue[0] !== undefined && this.#queue[0].due <= now) {
      this.#queue.shift()?.action()
    }
    this.#schedule()
  }
}
