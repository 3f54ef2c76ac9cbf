import type { Bench, Benchmark } from './benchmark.ts'
import type { AppVariant } from './contestants/fastify-app.ts'
import { type AppLoad, loadApps } from './load-apps.ts'
import { median, pairedRatio } from './stats.ts'
import { printTable, printTarget, ratio, tenths, whole } from './table.ts'

const VARIANTS = {
  'mysql2 query': 'mysql2 pool.query, no hygiene',
  'mysql2 rollback': 'mysql2 getConnection, ROLLBACK, release',
  'mysql2 reset': 'mysql2 pool.query, resetOnRelease',
  'request.db': 'lifeguard request.db.query',
  'app.db': 'lifeguard app.db.query (ambient scope)',
  'lifeguard query': 'lifeguard pool.query, no plugin',
} satisfies Partial<Record<AppVariant, string>>

type Variant = keyof typeof VARIANTS

export const fastify: Benchmark = {
  title: 'fastify: one SELECT by primary key per request, 100 clients, 10 connections',

  async run(bench: Bench) {
    const variants = Object.keys(VARIANTS) as Variant[]
    const loads = await loadApps(bench, variants, 7)
    const perSecond = (variant: Variant): number[] => loads[variant].map(rate)
    const base = perSecond('mysql2 query')
    printTable(
      ['variant', 'req/s', 'ratio', 'CPU µs/req', 'ratio'],
      variants.map((variant) => [
        VARIANTS[variant],
        whole(median(perSecond(variant))),
        ratio(pairedRatio(perSecond(variant), base)),
        tenths(median(loads[variant].map(cpu))),
        ratio(pairedRatio(loads[variant].map(cpu), loads['mysql2 query'].map(cpu))),
      ]),
    )
    const ours = pairedRatio(perSecond('request.db'), base)
    printTarget('request.db ≥ 1.0 × mysql2 without hygiene', ours >= 1, ratio(ours))
  },
}

function rate(load: AppLoad): number {
  return load.perSecond
}

function cpu(load: AppLoad): number {
  return load.cpuMicros
}
