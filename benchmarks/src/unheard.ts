import { channel, tracingChannel } from 'node:diagnostics_channel'

import { createPool } from '@lifeguard/core'

import { addressOf, type Bench, type Benchmark } from './benchmark.ts'
import { median } from './stats.ts'
import { printTable, printTarget, ratio, tenths, whole } from './table.ts'

const ROUNDS = 15
/** Of the whole use of a connection, the statement included. */
const LIMIT = 0.001

/**
 * A pool asks whether anybody listens before it makes a fact: once for the trace, and twice (the pool's own listeners,
 * the channel) for each of `acquired` and `released`. That asking is all that facts cost while nobody does.
 */
export const unheard: Benchmark = {
  title: 'unheard: what facts cost while nobody listens (ns)',

  async run({ server, quick }: Bench) {
    const times = quick ? 2000 : 20_000
    const pool = createPool({ ...addressOf(server), min: 1, max: 1 })
    await pool.warm(1)
    const asking: number[] = []
    const cycles: number[] = []
    const uses: number[] = []
    // The first round does not count.
    for (let round = 0; round <= ROUNDS; round++) {
      const asked = await perTurn(times * 50, askAll)
      const cycle = await perTurn(times, async () => (await pool.acquire()).release())
      const use = await perTurn(times / 10, () => pool.query('SELECT 1'))
      if (round === 0) continue
      asking.push(asked)
      cycles.push(cycle)
      uses.push(use)
    }
    await pool.end()
    if (heard > 0) throw new Error('Somebody listens; nothing was measured')
    const asked = median(asking)
    printTable(
      ['', 'ns', 'asking is, of it'],
      [
        ['asking whether anybody listens', tenths(asked), ''],
        ['acquire + release', whole(median(cycles)), ratio(asked / median(cycles))],
        ['pool.query, one SELECT', whole(median(uses)), (asked / median(uses)).toFixed(5)],
      ],
    )
    const share = asked / median(uses)
    printTarget(`≤ ${LIMIT} of a statement`, share <= LIMIT, share.toFixed(5))
  },
}

const acquired = channel('lifeguard:acquired')
const released = channel('lifeguard:released')
const acquiring = tracingChannel('lifeguard:acquire')
const listeners: { readonly acquired: unknown[]; readonly released: unknown[] } = {
  acquired: [],
  released: [],
}
let heard = 0

function askAll(): void {
  if (acquiring.hasSubscribers) heard++
  if (listeners.acquired.length > 0 || acquired.hasSubscribers) heard++
  if (listeners.released.length > 0 || released.hasSubscribers) heard++
}

async function perTurn(turns: number, turn: () => Promise<unknown> | void): Promise<number> {
  const began = process.hrtime.bigint()
  for (let i = 0; i < turns; i++) {
    const result = turn()
    if (result) await result
  }
  return Number(process.hrtime.bigint() - began) / turns
}
