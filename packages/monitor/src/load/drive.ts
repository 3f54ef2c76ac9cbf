import { once } from 'node:events'

import autocannon from 'autocannon'

import { basicAuth } from '../text/url.ts'
import type { LoadOptions } from './options.ts'

/** What clients tell while they run. */
export interface Driven {
  answered(status: number, latencyMs: number): void
  /** No answer: a time-out, a connection that broke. */
  failed(reason: string): void
}

/** Has clients send one request after the other until the time is up or the signal ends it. Resolves at the end. */
export async function drive(
  options: LoadOptions,
  driven: Driven,
  signal: AbortSignal,
): Promise<void> {
  const { url, connections, durationMs, method, headers, body, timeoutMs } = options
  const running = autocannon(
    {
      url: url.href,
      connections,
      duration: Math.max(1, durationMs / 1000),
      sampleInt: 100,
      method: method as 'GET',
      headers: { ...headers, ...basicAuth(url) },
      timeout: timeoutMs / 1000,
      ...(body === undefined ? {} : { body }),
    },
    // Told by `done`, too; without a callback it would be a promise.
    () => {},
  )
  running.on('response', (...told: unknown[]) => {
    // Its types leave the first one out, the client.
    const [, status, , latencyMs] = told as [unknown, number, number, number]
    driven.answered(status, latencyMs)
  })
  running.on('reqError', (error: NodeJS.ErrnoException) => {
    driven.failed(/timed out/.test(error.message) ? 'timeout' : (error.code ?? 'broken connection'))
  })
  const stop = (): void => (running as unknown as { stop(): void }).stop()
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    await once(running, 'done')
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
