import { lineChart, type Panel } from '../chart/line-chart.ts'
import { duration } from '../text/duration.ts'
import type { LoadResult } from './result.ts'

/** Requests, latency and connections over the time of the load, as SVG. */
export function drawLoad(result: LoadResult): string {
  const { method, url, connections, seconds, durationMs, answered, failed } = result
  // The last second is not a whole one, so that its rate would be too low.
  const whole = seconds.filter(({ second }) => (second + 1) * 1000 <= durationMs)
  const bySecond = (read: (one: (typeof seconds)[number]) => number): [number, number][] =>
    whole.map((one) => [one.second + 1, read(one)])
  return lineChart({
    title: `${method} ${url}`,
    subtitle: `${connections} clients for ${duration(durationMs)}: ${answered} answers, ${failed} failures`,
    panels: [
      {
        title: 'Requests per second',
        series: [
          { name: 'answered', points: bySecond((one) => one.answered), filled: true },
          { name: 'failed', points: bySecond((one) => one.failed), bad: true },
        ],
      },
      {
        title: 'Latency',
        format: duration,
        series: [
          { name: 'p50', points: bySecond((one) => one.p50Ms ?? 0) },
          { name: 'p99', points: bySecond((one) => one.p99Ms ?? 0) },
        ],
      },
      ...connectionPanel(result),
    ],
  })
}

function connectionPanel({ pools, samples, server }: LoadResult): Panel[] {
  if (!pools) return []
  const course = (read: (one: (typeof samples)[number]) => number): [number, number][] =>
    samples.map((one) => [one.atMs / 1000, read(one)])
  const threads = { name: 'at the server', points: course((one) => one.threads ?? 0) }
  return [
    {
      title: 'Connections',
      limit: { name: `max ${pools.max}`, value: pools.max },
      series: [
        { name: 'in use', points: course((one) => one.inUse), filled: true },
        { name: 'open', points: course((one) => one.total) },
        ...(server ? [threads] : []),
      ],
    },
    {
      title: 'Waiting',
      series: [{ name: 'callers', points: course((one) => one.waiting), filled: true }],
    },
  ]
}
