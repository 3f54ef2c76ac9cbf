import type { Hold, Pool } from '@lifeguard/core'

import { processorOf, type WorkerLike } from './bullmq.ts'

interface PoolUse {
  readonly pool: Pool
  /** Undefined: the pool's. */
  readonly hold: Hold | undefined
}

const uses = new WeakMap<object, PoolUse>()

/** Remembers what a wrapped function takes from where. */
export function notePoolOf(processor: object, use: PoolUse): void {
  uses.set(processor, use)
}

/** Whether every job of the worker keeps a connection of this pool for as long as it runs. */
export function holdsConnections(worker: WorkerLike, pool: Pool): boolean {
  const processor = processorOf(worker)
  const use = typeof processor === 'function' ? uses.get(processor) : undefined
  return use?.pool === pool && (use.hold ?? pool.hold) === 'request'
}
