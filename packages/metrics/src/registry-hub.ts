import { LifeguardError } from '@lifeguard/core'
import type { Metric, Registry } from 'prom-client'

import type { MetricDefinition, MetricFamily } from './definition.ts'
import { HIKARI } from './hikari-metrics.ts'
import { LIFEGUARD } from './lifeguard-metrics.ts'
import type { Point } from './points.ts'
import { labelName, prometheusName } from './prometheus-name.ts'
import { Reader } from './reader.ts'
import { RegistryMetric } from './registry-metric.ts'
import type { Source } from './sources.ts'

/** On our metrics, so that another copy of this package finds the hub of the first one. */
const HUB = Symbol.for('@lifeguard/metrics:hub')

const NATIVE = [withLabels(LIFEGUARD)]
const WITH_HIKARI = [...NATIVE, withLabels(HIKARI)]

/** All that the calls for one registry share: each metric is there once, whoever asks for it. */
export class RegistryHub {
  readonly #registry: Registry
  readonly #sources = new Set<Source>()
  readonly #reader = new Reader(familiesOf)
  #reading: Map<MetricDefinition, Point[]> | undefined

  private constructor(registry: Registry) {
    this.#registry = registry
  }

  /** The registry's own, by whichever copy of this package it was made. */
  static of(registry: Registry): RegistryHub {
    return hubOf(registry, LIFEGUARD.definitions[0]!) ?? new RegistryHub(registry)
  }

  /** Registers what is not there yet. What it returns takes back all that nobody else wants. */
  join(source: Source): () => void {
    const missing = definitionsOf([source]).filter(
      (definition) => hubOf(this.#registry, definition) !== this,
    )
    for (const definition of missing) this.#refuseForeign(definition)
    for (const definition of missing) this.#register(definition)
    this.#sources.add(source)
    return () => this.#leave(source)
  }

  #leave(source: Source): void {
    if (!this.#sources.delete(source)) return
    const wanted = new Set(definitionsOf(this.#sources))
    for (const definition of definitionsOf([source])) {
      // The registry may have been cleared, and filled anew, meanwhile.
      if (!wanted.has(definition) && hubOf(this.#registry, definition) === this) {
        this.#registry.removeSingleMetric(prometheusName(definition))
      }
    }
  }

  #refuseForeign(definition: MetricDefinition): void {
    const name = prometheusName(definition)
    if (this.#registry.getSingleMetric(name) === undefined) return
    throw new LifeguardError('ERR_OPTIONS', `registry: it has another metric called ${name}`)
  }

  #register(definition: MetricDefinition): void {
    const metric = new RegistryMetric(definition, () => this.#pointsOf(definition))
    Object.defineProperty(metric, HUB, { value: this })
    // The registry needs no more of a metric than ours has.
    this.#registry.registerMetric(metric as unknown as Metric)
  }

  #pointsOf(definition: MetricDefinition): readonly Point[] {
    this.#reading ??= this.#read()
    return this.#reading.get(definition) ?? []
  }

  /** Once a scrape, which asks all metrics in one go: what it shows is one instant. */
  #read(): Map<MetricDefinition, Point[]> {
    queueMicrotask(() => {
      this.#reading = undefined
    })
    const reading = new Map<MetricDefinition, Point[]>()
    for (const point of this.#reader.read(this.#sources).values()) {
      const points = reading.get(point.definition)
      if (points) points.push(point)
      else reading.set(point.definition, [point])
    }
    return reading
  }
}

function hubOf(registry: Registry, definition: MetricDefinition): RegistryHub | undefined {
  const metric = registry.getSingleMetric(prometheusName(definition))
  return (metric as { readonly [HUB]?: RegistryHub } | undefined)?.[HUB]
}

function familiesOf({ hikari }: Source): readonly MetricFamily[] {
  return hikari ? WITH_HIKARI : NATIVE
}

function definitionsOf(sources: Iterable<Source>): MetricDefinition[] {
  const families = new Set([...sources].flatMap(familiesOf))
  return [...families].flatMap((family) => family.definitions)
}

/** Before a user's labels are added: one that takes the place of ours must not make two series one. */
function withLabels(family: MetricFamily): MetricFamily {
  return {
    definitions: family.definitions,
    attributesOf: (snapshot) =>
      Object.fromEntries(
        Object.entries(family.attributesOf(snapshot)).map(([name, value]) => [
          labelName(name),
          value,
        ]),
      ),
  }
}
