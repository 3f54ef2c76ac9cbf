import type { HistogramSnapshot, PoolSnapshot } from '@lifeguard/core'

import type { Attributes, MetricDefinition, MetricFamily } from './definition.ts'

/** One series of a metric at one instant. */
export interface Point {
  readonly definition: MetricDefinition
  readonly attributes: Attributes
  readonly value: number | HistogramSnapshot
}

/** Points by what tells them apart. */
export type Points = Map<string, Point>

export function pointsOf(
  family: MetricFamily,
  snapshot: PoolSnapshot,
  constants: Attributes,
): Point[] {
  const common = { ...family.attributesOf(snapshot), ...constants }
  return family.definitions.flatMap((definition): Point | Point[] => {
    const value = definition.read(snapshot)
    if (definition.instrument === 'histogram' || typeof value === 'number') {
      return { definition, attributes: common, value: value as Point['value'] }
    }
    return Object.entries(value as Readonly<Record<string, number>>).map(([key, one]) => ({
      definition,
      attributes: { ...common, [definition.attribute!]: key },
      value: one,
    }))
  })
}

/** Adds a point, to the one of the same metric with the same attributes where there is one. */
export function addPoint(points: Points, point: Point): void {
  const key = keyOf(point)
  const there = points.get(key)
  points.set(key, there ? { ...there, value: combine(there, point) } : point)
}

function keyOf({ definition, attributes }: Point): string {
  return `${definition.name} ${textOf(attributes)}`
}

/** Most points of a pool share one object. */
const texts = new WeakMap<Attributes, string>()

function textOf(attributes: Attributes): string {
  const known = texts.get(attributes)
  if (known !== undefined) return known
  const text = JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)))
  texts.set(attributes, text)
  return text
}

function combine({ definition, value: a }: Point, { value: b }: Point): number | HistogramSnapshot {
  if (typeof a === 'number' && typeof b === 'number') {
    return definition.instrument === 'gauge' ? Math.max(a, b) : a + b
  }
  return addHistograms(a as HistogramSnapshot, b as HistogramSnapshot)
}

function addHistograms(a: HistogramSnapshot, b: HistogramSnapshot): HistogramSnapshot {
  return {
    buckets: a.buckets.map(({ leMs, count }, i) => ({ leMs, count: count + b.buckets[i]!.count })),
    count: a.count + b.count,
    sumMs: a.sumMs + b.sumMs,
    maxMs: Math.max(a.maxMs, b.maxMs),
  }
}
