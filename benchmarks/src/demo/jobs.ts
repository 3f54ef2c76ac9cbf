import { setTimeout as sleep } from 'node:timers/promises'

import { type Job, Queue, Worker } from 'bullmq'
import type { RowDataPacket } from 'mysql2/promise'

import type { DataAccess, Database } from './database.ts'
import { type ErrorKind, InjectedFault, kindOf, nameOf } from './faults.ts'
import { reached } from './stall.ts'

export interface JobsOptions {
  readonly redis: string
  readonly queue: string
  /** Of all keys in Redis. */
  readonly prefix: string
  readonly concurrency: number
  /** The orders to be invoiced: this many, from this one on. */
  readonly firstOrder: number
  readonly count: number
  /** How long to wait without any job ending before the rest is given up. */
  readonly patience: number
}

export interface JobTally {
  done: number
  readonly failed: Record<ErrorKind, number>
  /** Neither done nor failed when the run was given up. */
  unfinished: number
  /** The names of the errors that count as `other`. */
  readonly others: Record<string, number>
}

interface Invoice {
  order: number
  fail: boolean
}

const BATCH = 25
const BATCH_EVERY = 100
const FAIL_EVERY = 20

/** Has invoices made by a BullMQ worker in this process, new ones arriving while earlier ones are worked on. */
export async function runJobs(access: DataAccess, options: JobsOptions): Promise<JobTally> {
  const { queue: name, concurrency, count, patience, prefix } = options
  const connection = { url: options.redis }
  const tally: JobTally = {
    done: 0,
    failed: { injected: 0, tooMany: 0, timeout: 0, other: 0 },
    unfinished: count,
    others: {},
  }
  const settle = (error: Error | undefined): void => {
    tally.unfinished--
    if (!error) {
      tally.done++
      return
    }
    const errorName = nameOf(error)
    const kind = kindOf(errorName)
    tally.failed[kind]++
    if (kind === 'other') tally.others[errorName] = (tally.others[errorName] ?? 0) + 1
  }

  const queue = new Queue<Invoice>(name, { connection, prefix })
  const worker = new Worker<Invoice>(name, access.forJob(makeInvoice), {
    connection,
    concurrency,
    prefix,
  })
  worker.on('completed', () => settle(undefined))
  worker.on('failed', (_job, error) => settle(error))
  worker.on('error', (error) => console.error(error))
  try {
    await submit(queue, options)
    await reached(() => count - tally.unfinished, count, patience)
    return { ...tally }
  } finally {
    // By force: after a run that was given up, some jobs will not end.
    await worker.close(tally.unfinished > 0)
    await queue.obliterate({ force: true })
    await queue.close()
  }
}

async function submit(queue: Queue<Invoice>, { firstOrder, count }: JobsOptions): Promise<void> {
  for (let at = 0; at < count; at += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - at) }, (_, i) => ({
      name: 'invoice',
      data: { order: firstOrder + at + i, fail: (at + i) % FAIL_EVERY === 0 },
    }))
    await queue.addBulk(batch)
    await sleep(BATCH_EVERY)
  }
}

async function makeInvoice(job: Job<Invoice>, db: Database): Promise<void> {
  const { order, fail } = job.data
  const [orders] = await db.query<RowDataPacket[]>('SELECT total FROM orders WHERE id = ?', [order])
  await renderAndMail()
  await db.transaction(async (tx) => {
    await tx.query('INSERT INTO invoices (order_id, amount) VALUES (?, ?)', [
      order,
      orders[0]?.['total'],
    ])
    if (fail) throw new InjectedFault()
    await tx.query("UPDATE orders SET status = 'invoiced' WHERE id = ?", [order])
  })
}

/** Stands for the services that a job waits for. */
async function renderAndMail(): Promise<void> {
  await sleep(20)
}
