import type { BatchObservableResult, Histogram, Meter, Observable } from '@opentelemetry/api'

import type { HistogramDefinition, MetricDefinition } from './definition.ts'
import { HistogramRecorder } from './histogram-recorder.ts'
import { BOUNDS_S, LIFEGUARD } from './lifeguard-metrics.ts'
import type { Point, Points } from './points.ts'
import { grows, Reader } from './reader.ts'
import type { Source } from './sources.ts'

/** Where every copy of this package finds the hubs of the others. */
const HUBS = Symbol.for('@lifeguard/metrics:meters')
const shared = globalThis as { [HUBS]?: WeakMap<Meter, MeterHub> }
const hubs = (shared[HUBS] ??= new WeakMap())

/** All that the calls for one meter share: each instrument is there once, whoever asks for it. */
export class MeterHub {
  readonly #sources = new Set<Source>()
  readonly #reader = new Reader(() => [LIFEGUARD])
  readonly #observables = new Map<MetricDefinition, Observable>()
  readonly #recorder: HistogramRecorder
  /** Series that were told of once, which an SDK goes on exporting with their last value. */
  readonly #told: Points = new Map()

  private constructor(meter: Meter) {
    const histograms = new Map<HistogramDefinition, Histogram>()
    for (const definition of LIFEGUARD.definitions) {
      if (definition.instrument === 'histogram') {
        histograms.set(definition, histogram(meter, definition))
      } else this.#observables.set(definition, observable(meter, definition))
    }
    this.#recorder = new HistogramRecorder(histograms, this.#sources)
    meter.addBatchObservableCallback(
      (result) => this.#observe(result),
      [...this.#observables.values()],
    )
  }

  static of(meter: Meter): MeterHub {
    const hub = hubs.get(meter) ?? new MeterHub(meter)
    hubs.set(meter, hub)
    return hub
  }

  /** What it returns takes the source away. The instruments stay: a meter cannot lose one. */
  join(source: Source): () => void {
    this.#sources.add(source)
    this.#recorder.attend()
    return () => {
      this.#sources.delete(source)
      this.#recorder.attend()
    }
  }

  #observe(result: BatchObservableResult): void {
    this.#recorder.attend()
    const points = this.#reader.read(this.#sources)
    for (const [key, point] of points) {
      this.#tell(result, point, point.value)
      if (!grows(point)) this.#told.set(key, point)
    }
    // Of a pool that has ended nothing is left. What it had counted stays.
    for (const [key, point] of this.#told) {
      if (!points.has(key)) this.#tell(result, point, 0)
    }
  }

  #tell(
    result: BatchObservableResult,
    { definition, attributes }: Point,
    value: Point['value'],
  ): void {
    const instrument = this.#observables.get(definition)
    if (instrument && typeof value === 'number') result.observe(instrument, value, attributes)
  }
}

function observable(
  meter: Meter,
  { name, instrument, unit, description }: MetricDefinition,
): Observable {
  const options = { unit, description }
  if (instrument === 'counter') return meter.createObservableCounter(name, options)
  if (instrument === 'gauge') return meter.createObservableGauge(name, options)
  return meter.createObservableUpDownCounter(name, options)
}

function histogram(meter: Meter, { name, unit, description }: HistogramDefinition): Histogram {
  return meter.createHistogram(name, {
    unit,
    description,
    advice: { explicitBucketBoundaries: [...BOUNDS_S] },
  })
}
