import { basicAuth, publicUrl } from '../text/url.ts'
import { readReport } from './read-report.ts'
import type { Sighting } from './sighting.ts'

const ANSWER_WITHIN_MS = 5000
const HANGS = new Error(`does not answer within ${ANSWER_WITHIN_MS} ms`)

/** Asks an endpoint that an app has mounted: `app.get('/internal/lifeguard', () => report())`. */
export async function askUrl(url: URL, closed: AbortSignal): Promise<Sighting> {
  const source = publicUrl(url)
  // Not `AbortSignal.any`: nobody else would hold on to the one of the time-out, which is then collected.
  const ending = new AbortController()
  const end = (): void => ending.abort()
  const timer = setTimeout(() => ending.abort(HANGS), ANSWER_WITHIN_MS)
  closed.addEventListener('abort', end)
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  try {
    const response = await fetch(bare, {
      headers: { accept: 'application/json', ...basicAuth(url) },
      signal: ending.signal,
    })
    const body = await response.text()
    if (!response.ok) throw new Error(`answers ${response.status}`)
    return { source, report: readReport(body) }
  } catch (error) {
    return { source, ...describe(error as Error) }
  } finally {
    clearTimeout(timer)
    closed.removeEventListener('abort', end)
  }
}

function describe(error: Error): { problem: string; hangs: boolean } {
  if (error === HANGS) return { problem: error.message, hangs: true }
  const cause = error.cause as NodeJS.ErrnoException | undefined
  const problem = cause ? `cannot be reached: ${cause.code ?? cause.message}` : error.message
  return { problem, hangs: false }
}
