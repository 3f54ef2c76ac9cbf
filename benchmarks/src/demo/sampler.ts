import { setTimeout as sleep } from 'node:timers/promises'

import type { Connection, RowDataPacket } from 'mysql2/promise'

const SAMPLE_EVERY = 50
/** The server answers questions about its transactions from a cache of 100 ms. */
const TRANSACTIONS_EVERY = 150
const COUNTERS = ['Threads_connected', 'Connections', 'Max_used_connections'] as const

type Counters = Record<(typeof COUNTERS)[number], number>

/**
 * What the server says of a run, through the one connection that was opened before the app began. That
 * connection, and whatever else was there at the start, does not count.
 */
export class Sampler {
  readonly #monitor: Connection
  readonly #exactPeak: boolean
  readonly #start: Counters
  readonly #sampling = new AbortController()
  readonly #sampled: Promise<void>
  #now: Counters
  #peak = 0

  private constructor(monitor: Connection, exactPeak: boolean, start: Counters) {
    this.#monitor = monitor
    this.#exactPeak = exactPeak
    this.#start = start
    this.#now = start
    this.#sampled = this.#sample()
    // It is told by `stop`.
    this.#sampled.catch(() => {})
  }

  static async start(monitor: Connection): Promise<Sampler> {
    // Makes the server's own high-water mark begin anew. On a server that we may not do it to, samples must do.
    const exactPeak = await monitor.query('FLUSH STATUS').then(
      () => true,
      () => false,
    )
    return new Sampler(monitor, exactPeak, await readCounters(monitor))
  }

  get connected(): number {
    return this.#now.Threads_connected - this.#start.Threads_connected
  }

  get peak(): number {
    return this.#peak
  }

  /** Those that the server refused at the door are not among them. */
  get opened(): number {
    return this.#now.Connections - this.#start.Connections
  }

  async stop(): Promise<void> {
    this.#sampling.abort()
    await this.#sampled
  }

  /** Open transactions in the current database, after a moment for those that are just about to end. */
  async openTransactions(): Promise<number> {
    let open = await countTransactions(this.#monitor)
    for (let tries = 0; tries < 5 && open > 0; tries++) {
      await sleep(TRANSACTIONS_EVERY)
      open = await countTransactions(this.#monitor)
    }
    return open
  }

  /** Resolves when the server has forgotten everybody who came after the start. */
  async untilAlone(): Promise<void> {
    const patience = AbortSignal.timeout(10_000)
    for (;;) {
      const { Threads_connected: connected } = await readCounters(this.#monitor)
      if (connected <= this.#start.Threads_connected) return
      patience.throwIfAborted()
      await sleep(SAMPLE_EVERY)
    }
  }

  async #sample(): Promise<void> {
    while (!this.#sampling.signal.aborted) {
      await sleep(SAMPLE_EVERY)
      this.#now = await readCounters(this.#monitor)
      this.#peak = Math.max(this.#peak, this.connected)
    }
    if (!this.#exactPeak) return
    const exact = this.#now.Max_used_connections - this.#start.Threads_connected
    this.#peak = Math.max(this.#peak, exact)
  }
}

async function readCounters(monitor: Connection): Promise<Counters> {
  const [rows] = await monitor.query<RowDataPacket[]>(
    'SHOW GLOBAL STATUS WHERE Variable_name IN (?)',
    [COUNTERS],
  )
  const counters = rows.map((row) => [row['Variable_name'], Number(row['Value'])])
  return Object.fromEntries(counters) as Counters
}

async function countTransactions(monitor: Connection): Promise<number> {
  const [rows] = await monitor.query<RowDataPacket[]>(
    `SELECT COUNT(*) AS n FROM information_schema.innodb_trx t
     JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
     WHERE p.db = DATABASE() AND p.id <> CONNECTION_ID()`,
  )
  return Number(rows[0]?.['n'])
}
