import { subscribe, unsubscribe } from 'node:diagnostics_channel'

import type { Pool } from '@lifeguard/core'
import type { Histogram } from '@opentelemetry/api'

import type { HistogramDefinition } from './definition.ts'
import { LIFEGUARD } from './lifeguard-metrics.ts'
import { claimed, type Source } from './sources.ts'

// A pool lends nothing before it has opened a connection, which this channel tells before the pool's own listeners
// hear of it: who attends to a new pool then misses nothing.
const CONNECTED = 'lifeguard:connected'

/** Records the durations of pools into OpenTelemetry's histograms, as they happen. */
export class HistogramRecorder {
  readonly #histograms: ReadonlyMap<HistogramDefinition, Histogram>
  readonly #sources: ReadonlySet<Source>
  readonly #attended = new Map<Pool, { readonly source: Source; readonly stop: () => void }>()
  #subscribed = false
  readonly #onConnected = (): void => this.attend()

  /** `sources` may change; `attend` follows. */
  constructor(
    histograms: ReadonlyMap<HistogramDefinition, Histogram>,
    sources: ReadonlySet<Source>,
  ) {
    this.#histograms = histograms
    this.#sources = sources
  }

  /** Listens to exactly the pools that there are now. */
  attend(): void {
    const wanted = claimed(this.#sources)
    for (const [pool, { source, stop }] of this.#attended) {
      if (wanted.get(pool) === source) continue
      stop()
      this.#attended.delete(pool)
    }
    for (const [pool, source] of wanted) {
      if (!this.#attended.has(pool)) {
        this.#attended.set(pool, { source, stop: this.#listen(pool, source) })
      }
    }
    this.#subscribe(this.#sources.size > 0)
  }

  #listen(pool: Pool, { constants }: Source): () => void {
    const attributes = { ...LIFEGUARD.attributesOf(pool.snapshot()), ...constants }
    const ends = Array.from(this.#histograms, ([definition, histogram]) =>
      definition.listen(pool, (ms) => histogram.record(ms / 1000, attributes)),
    )
    return () => {
      for (const end of ends) end()
    }
  }

  #subscribe(wanted: boolean): void {
    if (wanted === this.#subscribed) return
    this.#subscribed = wanted
    if (wanted) subscribe(CONNECTED, this.#onConnected)
    else unsubscribe(CONNECTED, this.#onConnected)
  }
}
