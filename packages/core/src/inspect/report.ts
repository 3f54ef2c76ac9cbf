import { hostname } from 'node:os'
import { isAbsolute } from 'node:path'
import { threadId } from 'node:worker_threads'

import type { PoolSnapshot } from '../observe/snapshot.ts'
import { livePools } from './live-pools.ts'

/** Raised when a field is taken away or changes its meaning; new fields come without. */
export const REPORT_VERSION = 1

/** All pools of one process (or worker thread) at one instant. Safe to show: no secret, no value of a statement. */
export interface ProcessReport {
  readonly version: typeof REPORT_VERSION
  /** ISO 8601. */
  readonly takenAt: string
  readonly process: ProcessFacts
  readonly pools: readonly PoolSnapshot[]
}

export interface ProcessFacts {
  /** The name of its machine or container. */
  readonly host: string
  readonly pid: number
  /** 0 in the main thread. */
  readonly threadId: number
  /** The path of the program. Without its arguments, which may hold secrets. */
  readonly script: string | undefined
  readonly node: string
  readonly uptimeMs: number
  readonly rssBytes: number
  readonly heapUsedBytes: number
}

/**
 * What `lifeguard monitor` sees of this process. To see it from another machine, answer a request with it, on a route
 * that only you can reach.
 */
export function report(): ProcessReport {
  const { rss, heapUsed } = process.memoryUsage()
  return {
    version: REPORT_VERSION,
    takenAt: new Date().toISOString(),
    process: {
      host: hostname(),
      pid: process.pid,
      threadId,
      script: scriptPath(),
      node: process.versions.node,
      uptimeMs: process.uptime() * 1000,
      rssBytes: rss,
      heapUsedBytes: heapUsed,
    },
    pools: livePools().map((pool) => pool.snapshot()),
  }
}

/** Without a script (`node --eval`), what stands in its place is the first argument. */
function scriptPath(): string | undefined {
  const [, path] = process.argv
  const evaluated = process.execArgv.some((arg) => /^(?:-[ep]|--eval|--print)/.test(arg))
  return path !== undefined && isAbsolute(path) && !evaluated ? path : undefined
}
