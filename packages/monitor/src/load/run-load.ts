import { setTimeout as sleep } from 'node:timers/promises'

import type { View } from '../view/view.ts'
import { drive } from './drive.ts'
import type { LoadOptions } from './options.ts'
import { PoolsWatch } from './pools-watch.ts'
import { type LoadResult, makeResult } from './result.ts'
import { Tally } from './tally.ts'

const LOOK_EVERY_MS = 250
/** For what is under way at the end to give its connection back. */
const BACK_WITHIN_MS = 2000

/** How it goes so far. */
export interface Progress {
  readonly atMs: number
  readonly tally: Tally
  readonly watch: PoolsWatch
}

/** Puts load on a URL while it looks at the pools, and tells how both did. */
export async function runLoad(
  options: LoadOptions,
  look: () => Promise<View>,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<LoadResult> {
  const watch = new PoolsWatch(await look())
  const tally = new Tally()
  const startedAt = Date.now()
  const began = performance.now()
  const elapsed = (): number => performance.now() - began
  const ended = new AbortController()
  const looking = lookOn(ended.signal, async () => {
    watch.add(await look(), elapsed())
    onProgress({ atMs: elapsed(), tally, watch })
  })
  // Should it fail, that is told when it is awaited, after the load.
  looking.catch(() => {})
  try {
    await drive(
      options,
      {
        answered: (status, latencyMs) => tally.answer(status, latencyMs, elapsed()),
        failed: (reason) => tally.fail(reason, elapsed()),
      },
      signal,
    )
  } finally {
    ended.abort()
  }
  await looking
  const durationMs = elapsed()
  watch.end(durationMs)
  const deadline = durationMs + BACK_WITHIN_MS
  do {
    watch.add(await look(), elapsed())
  } while (watch.kept > 0 && elapsed() < deadline && (await sleep(LOOK_EVERY_MS / 2, true)))
  return makeResult(options, startedAt, durationMs, tally, watch)
}

async function lookOn(signal: AbortSignal, look: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await look()
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})
  }
}
