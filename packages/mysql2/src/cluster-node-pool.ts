import type { PoolEvents } from '@lifeguard/core'

import { callBack, type Callback } from './callback.ts'
import type { PoolOptions } from './pool-options.ts'
import { LifeguardPool } from './pool.ts'

/**
 * One server of a cluster. Where it cannot be reached, whoever waits for it is told at once, instead of when their
 * time is up: the cluster has others to try.
 */
export class ClusterNodePool extends LifeguardPool {
  readonly #waiting = new Set<AbortController>()

  constructor(options: PoolOptions | string) {
    super(options)
    this.lifeguard.on('connectFailed', (fact) => this.#giveUp(fact))
  }

  override getConnection(callback: Callback): void {
    const waiting = new AbortController()
    this.#waiting.add(waiting)
    const { signal } = waiting
    const lent = this.lifeguard
      .acquire({ signal })
      .then((lease) => [lease.connection])
      .catch((error: unknown) => {
        throw signal.aborted ? signal.reason : error
      })
      .finally(() => this.#waiting.delete(waiting))
    callBack(lent, callback)
  }

  #giveUp({ error }: PoolEvents['connectFailed']): void {
    const { total, connecting } = this.lifeguard.stats()
    if (total > connecting) return
    for (const waiting of this.#waiting) waiting.abort(error)
  }
}
