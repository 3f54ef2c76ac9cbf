import type { Bench, Benchmark } from './benchmark.ts'
import { loadApps } from './load-apps.ts'
import { median, pairedRatio } from './stats.ts'
import { printTable, printTarget, ratio, tenths, whole } from './table.ts'

const VARIANTS = ['no database', 'no database, plugin'] as const

export const hooks: Benchmark = {
  title: 'hooks: requests that never touch the database, without and with the plugin',

  async run(bench: Bench) {
    const loads = await loadApps(bench, VARIANTS, 9)
    const perSecond = VARIANTS.map((variant) => loads[variant].map((load) => load.perSecond))
    const cpu = VARIANTS.map((variant) => loads[variant].map((load) => load.cpuMicros))
    printTable(
      ['variant', 'req/s', 'ratio', 'CPU µs/req', 'ratio'],
      VARIANTS.map((variant, i) => [
        variant,
        whole(median(perSecond[i]!)),
        ratio(pairedRatio(perSecond[i]!, perSecond[0]!)),
        tenths(median(cpu[i]!)),
        ratio(pairedRatio(cpu[i]!, cpu[0]!)),
      ]),
    )
    const ours = pairedRatio(perSecond[1]!, perSecond[0]!)
    printTarget('with ≥ 0.97 × without', ours >= 0.97, ratio(ours))
  },
}
