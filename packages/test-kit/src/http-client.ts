import { request } from 'node:http'

/** Sends a GET and reads the whole answer. */
export function get(url: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

/** Sends a GET and hangs up when `moment` has come. */
export async function hangUp(url: string, moment: Promise<void>): Promise<void> {
  const outgoing = request(url, { agent: false })
  const closed = new Promise<void>((resolve) => outgoing.on('close', resolve))
  outgoing.on('error', () => {})
  outgoing.end()
  await moment
  outgoing.destroy()
  await closed
}
