import { setTimeout as sleep } from 'node:timers/promises'

export interface WaitForOptions {
  /** What is waited for, for the error; the predicate's source otherwise. */
  readonly label?: string
  readonly timeout?: number
  readonly every?: number
}

/** Polls until the predicate holds: for facts that live in a server and send no event. */
export async function waitFor(
  predicate: () => unknown,
  options: WaitForOptions = {},
): Promise<void> {
  const { label = String(predicate), timeout = 10_000, every = 20 } = options
  const deadline = Date.now() + timeout
  while (!(await predicate())) {
    if (Date.now() >= deadline) throw new Error(`Not within ${timeout} ms: ${label}`)
    await sleep(every)
  }
}
