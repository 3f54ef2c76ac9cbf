import { connect } from 'node:net'

import autocannon from 'autocannon'

import { DOORS } from './doors.ts'
import { ERROR_HEADER, type ErrorKind, kindOf } from './faults.ts'
import { seededRandom } from './random.ts'
import { reached } from './stall.ts'
import { type ShopRequest, shopRequests } from './workload.ts'

export interface ClientsOptions {
  readonly port: number
  readonly clients: number
  /** Of all clients together. */
  readonly requests: number
  readonly seed: number
  /** How long the clients wait without any of them getting an answer before they give up. */
  readonly patience: number
}

export interface ClientTally {
  sent: number
  ok: number
  readonly errors: Record<ErrorKind, number>
  /** The names of the errors that count as `other`. */
  readonly others: Record<string, number>
  /** Beside all others: clients that left in the middle of their request. */
  hangUps: number
  /** Of the requests that went well, in ms. */
  p50: number
  p99: number
}

type OnResponse = NonNullable<Exclude<autocannon.Request['onResponse'], string>>

const HANG_UP_EVERY = 10
const LONGEST_STAY = 12
const TELL_EVERY = 100

/** Lets all clients in at once; each sends its share of the requests, one after the other. */
export async function runClients(
  options: ClientsOptions,
  tell: (tally: ClientTally) => void,
): Promise<ClientTally> {
  const crowd = new Crowd(options)
  const telling = setInterval(() => tell(crowd.tally), TELL_EVERY)
  const hangUps = hangUp(options, crowd.tally)
  try {
    return await crowd.run()
  } finally {
    clearInterval(telling)
    clearInterval(hangUps)
  }
}

class Crowd {
  readonly tally: ClientTally = {
    sent: 0,
    ok: 0,
    errors: { injected: 0, tooMany: 0, timeout: 0, other: 0 },
    others: {},
    hangUps: 0,
    p50: 0,
    p99: 0,
  }
  readonly #options: ClientsOptions
  readonly #next: () => ShopRequest
  readonly #latencies: number[] = []
  #inside = 0

  constructor(options: ClientsOptions) {
    this.#options = options
    this.#next = shopRequests(seededRandom(options.seed))
  }

  async run(): Promise<ClientTally> {
    const { clients, requests, patience } = this.#options
    const { tally } = this
    const { instance, result } = this.#fire()
    const progress = (): number => this.#inside + tally.sent
    if (!(await reached(progress, clients + requests, patience))) instance.stop()
    const { errors, timeouts, requests: fired } = await result
    const lost = errors - timeouts
    const answered = tally.sent
    tally.sent = fired.sent - clients
    tally.errors.timeout += tally.sent - answered - lost
    tally.errors.other += lost
    if (lost > 0) tally.others['connection lost'] = lost
    this.#latencies.sort((a, b) => a - b)
    return {
      ...tally,
      p50: percentile(this.#latencies, 0.5),
      p99: percentile(this.#latencies, 0.99),
    }
  }

  #fire(): { instance: autocannon.Instance; result: Promise<autocannon.Result> } {
    const { port, clients, requests } = this.#options
    let instance!: autocannon.Instance
    const result = new Promise<autocannon.Result>((resolve, reject) => {
      instance = autocannon(
        {
          url: `http://127.0.0.1:${port}`,
          connections: clients,
          amount: clients + requests,
          // In seconds, and for each request; our own patience ends before.
          timeout: 60,
          sampleInt: 100,
          setupClient: (client) => this.#letIn(client),
        },
        (error, value) => (error ? reject(error as Error) : resolve(value)),
      )
    })
    return { instance, result }
  }

  #letIn(client: autocannon.Client): void {
    client.setRequests([{ method: 'GET', path: DOORS, headers: {} }])
    let inside = false
    client.on('response', (status, _bytes, ms) => {
      if (inside) {
        if (status < 300) this.#latencies.push(ms)
        return
      }
      inside = true
      this.#inside++
      client.setRequests([{ setupRequest: this.#next, onResponse: this.#onResponse }])
    })
  }

  readonly #onResponse: OnResponse = (status, _body, _context, headers) => {
    const { tally } = this
    tally.sent++
    if (status < 300) {
      tally.ok++
      return
    }
    const name = String(headers?.[ERROR_HEADER] ?? status)
    const kind = kindOf(name)
    tally.errors[kind]++
    if (kind === 'other') tally.others[name] = (tally.others[name] ?? 0) + 1
  }
}

/** People who close the page while it loads: they send a request and are gone some milliseconds later. */
function hangUp({ port, seed }: ClientsOptions, tally: ClientTally): NodeJS.Timeout {
  const random = seededRandom(seed + 1)
  const next = shopRequests(random)
  return setInterval(() => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.on('connect', () => {
      socket.write(asText(next()))
      tally.hangUps++
      setTimeout(() => socket.destroy(), random.below(LONGEST_STAY))
    })
  }, HANG_UP_EVERY)
}

function asText({ method, path, headers, body = '' }: ShopRequest): string {
  const lines = Object.entries({
    host: 'localhost',
    ...headers,
    'content-length': Buffer.byteLength(body),
  })
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n${body}`
}

function percentile(sorted: readonly number[], share: number): number {
  return Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0)
}
