import type { PoolStats } from '@lifeguard/core'

import { quantile, since } from '../health/histogram.ts'
import type { Deeds } from '../print/pools-table.ts'
import type { PoolView, View } from '../view/view.ts'

/** What one pool did between two looks. */
export interface PoolSample {
  readonly inUse: number
  readonly waiting: number
  readonly acquiresPerSecond: number
  /** Of those that were served meanwhile; 0 where nobody was. */
  readonly waitP95Ms: number
}

interface Look {
  readonly takenAt: number
  readonly stats: PoolStats
}

interface Course {
  readonly samples: PoolSample[]
  /** The last ones. */
  readonly looks: Look[]
}

const SAMPLES = 60
const LOOKS = 30

/** The last looks at every pool, for the lines that show how it went. */
export class History {
  #courses = new Map<string, Course>()

  add({ pools, takenAt }: View): void {
    // Those that have gone are forgotten.
    this.#courses = new Map(
      pools.map(({ key, pool }) => [
        key,
        grow(this.#courses.get(key), { takenAt, stats: pool.stats }),
      ]),
    )
  }

  of({ key }: PoolView): readonly PoolSample[] {
    return this.#courses.get(key)?.samples ?? []
  }

  /** In the last 30 looks; at first, since the process began. */
  lately({ key, pool: { stats } }: PoolView): Deeds {
    const looks = this.#courses.get(key)?.looks ?? []
    const [first] = looks
    if (!first || looks.length < 2) return stats
    return {
      wait: since(stats.wait, first.stats.wait),
      use: since(stats.use, first.stats.use),
      timeouts: stats.timeouts - first.stats.timeouts,
    }
  }
}

function grow(course: Course | undefined, look: Look): Course {
  if (!course) return { samples: [], looks: [look] }
  const { samples, looks } = course
  const sample = sampleOf(look, looks.at(-1)!)
  return {
    samples: [...samples, sample].slice(-SAMPLES),
    looks: [...looks, look].slice(-LOOKS),
  }
}

function sampleOf({ stats, takenAt }: Look, before: Look): PoolSample {
  const seconds = Math.max(1, takenAt - before.takenAt) / 1000
  return {
    inUse: stats.inUse,
    waiting: stats.waiting,
    acquiresPerSecond: Math.max(0, stats.acquired - before.stats.acquired) / seconds,
    waitP95Ms: quantile(since(stats.wait, before.stats.wait), 0.95) ?? 0,
  }
}
