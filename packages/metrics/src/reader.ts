import type { Pool, PoolSnapshot } from '@lifeguard/core'

import type { MetricFamily } from './definition.ts'
import { addPoint, type Point, type Points, pointsOf } from './points.ts'
import { claimed, type Source } from './sources.ts'

/** Reads the points of all pools. What only ever grows stays that way: a series ends, or goes on. */
export class Reader {
  readonly #familiesOf: (source: Source) => readonly MetricFamily[]
  #last: ReadonlyMap<Pool, Source> = new Map()
  /** What pools that have ended had counted, for series that another pool goes on with. */
  readonly #left: Points = new Map()

  constructor(familiesOf: (source: Source) => readonly MetricFamily[]) {
    this.#familiesOf = familiesOf
  }

  read(sources: Iterable<Source>): Points {
    const merged: Points = new Map()
    const read = new Map<Pool, Source>()
    for (const [pool, source] of claimed(sources)) {
      const snapshot = pool.snapshot()
      if (snapshot.phase === 'closed') continue
      read.set(pool, source)
      for (const point of this.#pointsOf(snapshot, source)) addPoint(merged, point)
    }
    this.#keepWhatIsLeft(read)
    for (const [key, point] of this.#left) {
      if (merged.has(key)) addPoint(merged, point)
      else this.#left.delete(key)
    }
    return merged
  }

  #keepWhatIsLeft(read: ReadonlyMap<Pool, Source>): void {
    for (const [pool, source] of this.#last) {
      if (read.has(pool)) continue
      const snapshot = pool.snapshot()
      if (snapshot.phase !== 'closed') continue
      for (const point of this.#pointsOf(snapshot, source)) {
        if (grows(point)) addPoint(this.#left, point)
      }
    }
    this.#last = read
  }

  #pointsOf(snapshot: PoolSnapshot, source: Source): Point[] {
    return this.#familiesOf(source).flatMap((family) =>
      pointsOf(family, snapshot, source.constants),
    )
  }
}

export function grows({ definition }: Point): boolean {
  return definition.instrument === 'counter' || definition.instrument === 'histogram'
}
