import { basicAuth, publicUrl } from '../text/url.ts'
import { readReport } from './read-report.ts'
import type { Sighting } from './sighting.ts'

const ANSWER_WITHIN_MS = 5000

/** Asks an endpoint that an app has mounted: `app.get('/internal/lifeguard', () => report())`. */
export async function askUrl(url: URL, signal: AbortSignal): Promise<Sighting> {
  const source = publicUrl(url)
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  try {
    const response = await fetch(bare, {
      headers: { accept: 'application/json', ...basicAuth(url) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    })
    const body = await response.text()
    if (!response.ok) throw new Error(`answers ${response.status}`)
    return { source, report: readReport(body) }
  } catch (error) {
    return { source, ...describe(error as Error) }
  }
}

function describe(error: Error): { problem: string; hangs: boolean } {
  if (error.name === 'TimeoutError') {
    return { problem: `does not answer within ${ANSWER_WITHIN_MS} ms`, hangs: true }
  }
  const cause = error.cause as NodeJS.ErrnoException | undefined
  const problem = cause ? `cannot be reached: ${cause.code ?? cause.message}` : error.message
  return { problem, hangs: false }
}
