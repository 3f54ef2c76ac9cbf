import { AsyncLocalStorage } from 'node:async_hooks'

import type { Transaction } from '../pool/transaction.ts'
import type { Scope } from './scope.ts'

/** What the code that runs now belongs to: a scope, and the transaction inside of it, if any. */
export class Frame {
  readonly scope: Scope
  readonly transaction: Transaction | undefined
  readonly outer: Frame | undefined

  constructor(scope: Scope, transaction: Transaction | undefined, outer: Frame | undefined) {
    this.scope = scope
    this.transaction = transaction
    this.outer = outer
  }
}

// One for all pools: every further store would cost every promise of the process a little.
const frames = new AsyncLocalStorage<Frame>()

/** Runs `work` in a scope, or in a transaction of it. */
export function runInFrame<T>(
  scope: Scope,
  transaction: Transaction | undefined,
  work: () => T,
): T {
  return frames.run(new Frame(scope, transaction, frames.getStore()), work)
}

/** As `runInFrame`, but in a context of its own: whatever scope the caller belongs to is not seen inside. */
export function runDetached<T>(scope: Scope, work: () => T): T {
  return frames.run(new Frame(scope, undefined, undefined), work)
}

/** Where the running code stands with regard to one pool; scopes of different pools nest. */
export function frameOf(pool: unknown): Frame | undefined {
  let frame = frames.getStore()
  while (frame && frame.scope.pool !== pool) frame = frame.outer
  return frame
}
