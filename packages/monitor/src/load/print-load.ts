import { amount, duration, durationOrDash, percent } from '../text/duration.ts'
import { paintTone, type Style } from '../text/style.ts'
import { table } from '../text/table.ts'
import type { LoadResult } from './result.ts'

type Row = readonly [what: string, before: string, during: string, after: string]

/** For who has waited for it. */
export function printLoad(result: LoadResult, style: Style): string[] {
  const { paint } = style
  const { method, url, connections, durationMs, answered, perSecond } = result
  return [
    paint.bold(`${method} ${url}`),
    `${connections} clients for ${duration(durationMs)}: ${amount(answered)} answers, ${amount(perSecond)} per second`,
    ...latencyLines(result),
    ...failureLines(result, style),
    '',
    ...poolLines(result, style),
    '',
    verdict(result, style),
  ]
}

function latencyLines({ latency }: LoadResult): string[] {
  if (!latency) return []
  const { p50Ms, p90Ms, p99Ms, p999Ms, maxMs } = latency
  return [
    `latency: p50 ${duration(p50Ms)}, p90 ${duration(p90Ms)}, p99 ${duration(p99Ms)}, p99.9 ${duration(p999Ms)}, max ${duration(maxMs)}`,
  ]
}

function failureLines({ failures, failed }: LoadResult, { paint }: Style): string[] {
  const kinds = Object.entries(failures).sort(([, a], [, b]) => b - a)
  if (kinds.length === 0) return [paint.green('no failures')]
  const counted = kinds.map(([kind, count]) => `${amount(count)} × ${kind}`)
  return [paint.red(`${amount(failed)} failed: ${counted.join(', ')}`)]
}

function poolLines({ pools, server, samples }: LoadResult, style: Style): string[] {
  if (!pools) {
    return [
      style.paint.dim('No Lifeguard pool was seen meanwhile, so only the side of HTTP is told.'),
    ]
  }
  const [first, last] = [samples[0]!, samples.at(-1)!]
  const rows: Row[] = [
    ['connections', String(first.total), `${pools.peakTotal} of ${pools.max}`, String(last.total)],
    ['in use', String(first.inUse), String(pools.peakInUse), String(last.inUse)],
    ['waiting', String(first.waiting), amount(pools.peakWaiting), String(last.waiting)],
  ]
  if (server) {
    const { threadsBefore, threadsPeak, threadsAfter, maxConnections } = server
    rows.push([
      `at ${server.target}`,
      String(threadsBefore),
      `${threadsPeak} of ${maxConnections}`,
      String(threadsAfter),
    ])
  }
  const cleaned = `${amount(pools.rollbacks)} rollbacks, ${amount(pools.resets)} resets, ${amount(pools.kills)} kills`
  return [
    ...table<Row>(
      ['', 'BEFORE', 'AT MOST', 'AFTER'].map((title, i) => ({
        title,
        right: i > 0,
        cell: (row) => row[i]!,
      })),
      rows,
      style,
    ),
    '',
    `reuse ${percent(pools.reuseRate)} of ${amount(pools.acquired)} acquires, ${amount(pools.created)} connections opened; ` +
      `wait p95 ${durationOrDash(pools.waitP95Ms)}, ${amount(pools.timeouts)} timeouts, ${amount(pools.refused)} refused`,
    `${cleaned}, ${amount(pools.leaks)} leaks`,
  ]
}

function verdict({ problems }: LoadResult, style: Style): string {
  const { glyphs } = style
  if (problems.length === 0) return paintTone(style, 'well', `${glyphs.well} It held.`)
  return paintTone(style, 'critical', `${glyphs.critical} It did not hold: ${problems.join('; ')}.`)
}
