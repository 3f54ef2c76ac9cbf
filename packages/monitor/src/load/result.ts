import { count } from '../text/count.ts'
import { publicUrl } from '../text/url.ts'
import type { LoadOptions } from './options.ts'
import type { PoolsResult, PoolsWatch, LoadSample, ServerResult } from './pools-watch.ts'
import type { Latency, Second, Tally } from './tally.ts'

/** Raised when a field is taken away or changes its meaning. */
const RESULT_VERSION = 1

/** What `lifeguard load --json` prints, documented in docs/monitor.md. No header, no query, no password. */
export interface LoadResult {
  readonly version: typeof RESULT_VERSION
  readonly url: string
  readonly method: string
  readonly connections: number
  /** ISO 8601. */
  readonly startedAt: string
  readonly durationMs: number
  readonly answered: number
  readonly perSecond: number
  readonly failed: number
  /** How many, by what has failed: `timeout`, `status 503`, `ECONNRESET`. */
  readonly failures: Readonly<Record<string, number>>
  readonly latency: Latency | undefined
  readonly pools: PoolsResult | undefined
  readonly server: ServerResult | undefined
  /** Why it counts as failed; empty where it does not. */
  readonly problems: readonly string[]
  readonly seconds: readonly Second[]
  readonly samples: readonly LoadSample[]
}

export function makeResult(
  options: LoadOptions,
  startedAt: number,
  durationMs: number,
  tally: Tally,
  watch: PoolsWatch,
): LoadResult {
  const pools = watch.pools()
  return {
    version: RESULT_VERSION,
    url: publicUrl(options.url),
    method: options.method,
    connections: options.connections,
    startedAt: new Date(startedAt).toISOString(),
    durationMs,
    answered: tally.answered,
    perSecond: (tally.answered * 1000) / Math.max(1, durationMs),
    failed: tally.failed,
    failures: Object.fromEntries(tally.failures),
    latency: tally.latency(),
    pools,
    server: watch.server(),
    problems: problemsOf(tally, pools, watch.silent),
    seconds: tally.seconds(),
    samples: watch.samples,
  }
}

function problemsOf(tally: Tally, pools: PoolsResult | undefined, silent: number): string[] {
  const problems = [
    tally.answered === 0 && 'nobody was answered',
    tally.failed > 0 && `${tally.failed} requests failed`,
    pools && pools.timeouts > 0 && `${pools.timeouts} callers waited for a connection in vain`,
    pools && pools.refused > 0 && `${pools.refused} callers were turned away`,
    pools && pools.connectFailures > 0 && `${pools.connectFailures} attempts to connect failed`,
    silent > 0 && `${count(silent, 'process', 'processes')} did not tell at the end how it was`,
    pools && pools.kept > 0 && `${pools.kept} connections were not given back`,
  ]
  return problems.filter((problem) => typeof problem === 'string')
}
