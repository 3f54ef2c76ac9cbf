import type { Response } from 'express'

type Phase = 'working' | 'committing' | 'sent' | 'dropped'

/** All that Express sends, it sends through these. */
const SENDING: ReadonlySet<PropertyKey> = new Set(['writeHead', 'flushHeaders', 'write', 'end'])
const CHANGING: ReadonlySet<PropertyKey> = new Set(['setHeader', 'appendHeader', 'removeHeader'])
const SENT: ReadonlySet<PropertyKey> = new Set(['headersSent', 'writableEnded', 'finished'])

type Method = (...args: unknown[]) => unknown

/**
 * A response for a handler whose transaction is not committed yet: headers and status go through, but what
 * would be sent is kept until `send`, or forgotten by `drop`. The response itself is left as it is.
 */
export class HeldResponse {
  /** What the handler is given. Once it is sent, it is as good as the response. */
  readonly response: Response
  /** Rejects when the handler streams: it may wait for the stream's end, which would wait for COMMIT. */
  readonly streamed: Promise<never>
  readonly #target: Response
  readonly #before: { status: number; headers: ReturnType<Response['getHeaders']> }
  readonly #kept: (() => void)[] = []
  #phase: Phase = 'working'
  #ended = false
  #onStream!: () => void

  /** `streamedEarly` makes the error for a handler that streams. */
  constructor(target: Response, streamedEarly: () => Error) {
    this.#target = target
    this.#before = { status: target.statusCode, headers: { ...target.getHeaders() } }
    this.streamed = new Promise((_, reject) => (this.#onStream = () => reject(streamedEarly())))
    // Nobody need wait for it.
    this.streamed.catch(() => {})
    this.response = new Proxy(target, { get: (_, property) => this.#get(property) })
  }

  /** From here on a stream has to wait for COMMIT only, not COMMIT for the stream. */
  startCommit(): void {
    this.#phase = 'committing'
  }

  send(): void {
    this.#phase = 'sent'
    for (const call of this.#kept) call()
  }

  /** Forgets also the headers and the status: an error handler begins anew. */
  drop(): void {
    this.#phase = 'dropped'
    if (this.#target.headersSent) return
    const { status, headers } = this.#before
    for (const name of this.#target.getHeaderNames()) {
      if (headers[name] === undefined) this.#target.removeHeader(name)
    }
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.#target.setHeader(name, value)
    }
    this.#target.statusCode = status
  }

  #get(property: PropertyKey): unknown {
    const value: unknown = Reflect.get(this.#target, property)
    if (SENDING.has(property)) return this.#keeper(property, value as Method)
    if (this.#phase === 'sent') return value
    if (this.#ended && CHANGING.has(property)) return tooLate
    return this.#ended && SENT.has(property) ? true : value
  }

  #keeper(property: PropertyKey, send: Method): Method {
    return (...args) => {
      // Node sends for the response that its socket knows, never for a proxy of it.
      if (this.#phase === 'sent') return send.apply(this.#target, args)
      if (this.#phase === 'dropped') return this.response
      if (this.#ended) tooLate()
      if (property === 'write' && this.#phase === 'working') {
        this.#onStream()
        return false
      }
      this.#kept.push(() => void send.apply(this.#target, args))
      if (property === 'end') this.#ended = true
      return property === 'write' || this.response
    }
  }
}

/** As node does. */
function tooLate(): never {
  throw Object.assign(new Error('the handler has sent its response already'), {
    code: 'ERR_HTTP_HEADERS_SENT',
  })
}
