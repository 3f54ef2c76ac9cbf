import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'

export interface SendOptions {
  readonly method?: string
  readonly body?: string
  readonly headers?: Record<string, string>
  /** Announced, of which `body` is only the beginning. */
  readonly length?: number
}

/** One request on a connection of its own. */
export class Exchange {
  readonly #outgoing: ClientRequest
  /** The status, or `torn off` where no answer came. */
  readonly status: Promise<number | 'torn off'>
  readonly #incoming: Promise<IncomingMessage | undefined>

  constructor(url: string, options: SendOptions = {}) {
    const { method = 'GET', body, length } = options
    const headers: Record<string, string> = { ...options.headers }
    if (body !== undefined) {
      headers['content-type'] ??= 'application/json'
      headers['content-length'] = String(length ?? Buffer.byteLength(body))
    }
    this.#outgoing = request(url, { agent: false, method, headers })
    this.#incoming = new Promise((resolve) => {
      this.#outgoing.once('response', resolve)
      this.#outgoing.once('error', () => resolve(undefined))
      this.#outgoing.once('close', () => resolve(undefined))
    })
    this.status = this.#incoming.then((incoming) => incoming?.statusCode ?? 'torn off')
    this.#outgoing.on('error', () => {})
    if (length === undefined) this.#outgoing.end(body)
    else this.#outgoing.write(body)
  }

  /** Reads the answer to its end, whole or not. */
  async finish(): Promise<void> {
    const incoming = await this.#incoming
    if (!incoming) return
    incoming.on('error', () => {})
    incoming.resume()
    if (!incoming.destroyed) await once(incoming, 'close').catch(() => {})
  }

  /** Until the first bytes are there; the rest is left unread. */
  async firstBytes(): Promise<void> {
    const incoming = await this.#incoming
    if (!incoming) throw new Error('no answer')
    incoming.on('error', () => {})
    await once(incoming, 'readable')
  }

  async hangUp(): Promise<void> {
    const closed = new Promise((resolve) => this.#outgoing.once('close', resolve))
    const gone = this.#outgoing.closed
    this.#outgoing.destroy()
    if (!gone) await closed
  }
}

/** A connection on which requests are written one after the other without waiting. */
export async function openSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

export function rawRequest(path: string, method = 'GET', body = ''): string {
  const type = body ? `content-type: application/json\r\ncontent-length: ${body.length}\r\n` : ''
  return `${method} ${path} HTTP/1.1\r\nhost: localhost\r\n${type}\r\n${body}`
}
