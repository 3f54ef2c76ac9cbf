import { Readable } from 'node:stream'

import type { ContractScope } from './types.ts'

const NUMBERS = `WITH RECURSIVE number AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM number WHERE n < 500)`

export const ROWS: string = `${NUMBERS} SELECT n FROM number`

/** More than anybody will read. */
export const ENDLESS_ROWS: string = `${NUMBERS} SELECT a.n FROM number a, number b, number c, number d`

/** More than the buffers of a socket hold, on both of its sides. */
export const LARGE: Buffer = Buffer.alloc(32 * 1024 * 1024, 'x')

export function sleep(marker: string): string {
  return `SELECT SLEEP(30) /* ${marker} */`
}

/** Waits for a row that somebody else has locked. */
export function lockWait(marker: string): string {
  return `SELECT balance FROM account WHERE id = 2 FOR UPDATE /* ${marker} */`
}

/** Rows as they come from the database, as lines, on a lease that is left to the scope. */
export async function streamRows(db: ContractScope, sql: string): Promise<Readable> {
  const lease = await db.acquire()
  return Readable.from(lines(lease.connection.query(sql).stream()), { objectMode: false })
}

async function* lines(rows: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`
}

/** A body that breaks after so many pieces. */
export function failingStream(pieces: number): Readable {
  return Readable.from(brokenBody(pieces), { objectMode: false })
}

async function* brokenBody(pieces: number): AsyncGenerator<string> {
  for (let i = 0; i < pieces; i++) yield 'a piece\n'
  await new Promise((resolve) => setTimeout(resolve, 20))
  throw new Error('the stream fails')
}
