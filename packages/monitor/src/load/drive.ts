import { setTimeout as sleep } from 'node:timers/promises'

import { Client, type Dispatcher } from 'undici'

import { basicAuth } from '../text/url.ts'
import type { LoadOptions } from './options.ts'

/** What clients tell while they run. */
export interface Driven {
  answered(status: number, latencyMs: number): void
  /** No whole answer: a time-out, a connection that broke. */
  failed(reason: string): void
}

/** For the answers to what is under way when the time is up; what comes later has failed. */
const LAST_ANSWERS_MS = 5000
/** Whoever is refused at once would only count refusals, and take all of the processor for that. */
const PAUSE_AFTER_FAILURE_MS = 50

/**
 * Has clients send one request after the other, each on a connection of its own, until the time is up or the signal
 * ends it. Resolves when all are answered, or given up.
 */
export async function drive(
  options: LoadOptions,
  driven: Driven,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController()
  const underWay = new Set<AbortController>()
  let lastAnswers: NodeJS.Timeout | undefined
  const end = (): void => {
    over.abort()
    lastAnswers ??= setTimeout(() => {
      for (const request of underWay) request.abort('unanswered at the end')
    }, LAST_ANSWERS_MS)
  }
  const timeIsUp = setTimeout(end, options.durationMs)
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  try {
    await Promise.all(
      Array.from({ length: options.connections }, () =>
        driveOne(options, driven, over.signal, underWay),
      ),
    )
  } finally {
    signal.removeEventListener('abort', end)
    clearTimeout(timeIsUp)
    clearTimeout(lastAnswers)
  }
}

async function driveOne(
  { url, method, headers, body, timeoutMs }: LoadOptions,
  driven: Driven,
  over: AbortSignal,
  underWay: Set<AbortController>,
): Promise<void> {
  const client = new Client(url.origin, {
    // Each request has a limit of its own, for all of it.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: timeoutMs, rejectUnauthorized: false },
  })
  const request: Dispatcher.RequestOptions = {
    path: url.pathname + url.search,
    method,
    headers: { ...headers, ...basicAuth(url) },
    body: body ?? null,
  }
  while (!over.aborted) {
    const began = performance.now()
    const ending = new AbortController()
    const limit = setTimeout(() => ending.abort('timeout'), timeoutMs)
    underWay.add(ending)
    try {
      const answer = await client.request({ ...request, signal: ending.signal })
      // All of it: a body that is cut off is no answer.
      for await (const _part of answer.body);
      driven.answered(answer.statusCode, performance.now() - began)
    } catch (error) {
      driven.failed(reasonOf(error as NodeJS.ErrnoException, ending.signal))
      await sleep(PAUSE_AFTER_FAILURE_MS)
    } finally {
      clearTimeout(limit)
      underWay.delete(ending)
    }
  }
  await client.destroy()
}

/** Ours, or the system's; undici's own are all of connections that the other side has closed too early. */
function reasonOf({ code = '' }: NodeJS.ErrnoException, ending: AbortSignal): string {
  if (ending.aborted) return String(ending.reason)
  return code === '' || code.startsWith('UND_ERR_') ? 'broken connection' : code
}
