import type { Bench, Benchmark } from './benchmark.ts'
import { type AppLoad, loadApps } from './load-apps.ts'
import { median, pairedRatio } from './stats.ts'
import { printTable, printTarget, ratio, tenths, whole } from './table.ts'

const VARIANTS = {
  'request.db': 'nobody looks',
  'request.db, all': 'Prometheus, OpenTelemetry, reports, channels',
  'request.db, recorded': 'OpenTelemetry alone, each duration recorded',
} as const

type Variant = keyof typeof VARIANTS

/** A process is fast or slow by luck as a whole, which pairs of rounds do not take away: so there are many. */
const BATCHES = 8
const ROUNDS = 3

async function inBatches(
  bench: Bench,
  variants: readonly Variant[],
): Promise<Record<Variant, AppLoad[]>> {
  const all = Object.fromEntries(variants.map((variant) => [variant, [] as AppLoad[]]))
  for (let batch = 0; batch < (bench.quick ? 1 : BATCHES); batch++) {
    const loads = await loadApps(bench, variants, ROUNDS)
    for (const variant of variants) all[variant]!.push(...loads[variant])
  }
  return all as Record<Variant, AppLoad[]>
}

export const seen: Benchmark = {
  title: 'seen: one SELECT per request, looked at each second or not',

  async run(bench: Bench) {
    const variants = Object.keys(VARIANTS) as Variant[]
    const loads = await inBatches(bench, variants)
    const perSecond = (variant: Variant): number[] => loads[variant].map((load) => load.perSecond)
    const cpu = (variant: Variant): number[] => loads[variant].map((load) => load.cpuMicros)
    const base = 'request.db'
    printTable(
      ['variant', 'req/s', 'ratio', 'CPU µs/req', 'ratio'],
      variants.map((variant) => [
        VARIANTS[variant],
        whole(median(perSecond(variant))),
        ratio(pairedRatio(perSecond(variant), perSecond(base))),
        tenths(median(cpu(variant))),
        ratio(pairedRatio(cpu(variant), cpu(base))),
      ]),
    )
    const all = pairedRatio(perSecond('request.db, all'), perSecond(base))
    printTarget('all of it ≥ 0.98 × unseen', all >= 0.98, ratio(all))
  },
}
