import type { Lease } from '@lifeguard/core'
import t from 'tap'

import { differences } from './support/contamination/differences.ts'
import { fingerprint } from './support/contamination/fingerprint.ts'
import { existsOn, type Kind } from './support/contamination/kind.ts'
import { THEMES } from './support/contamination/kinds/index.ts'
import { poolOfOne, witness } from './support/contamination/pools.ts'
import { startWorld } from './support/contamination/world.ts'

type Send = (lease: Lease, sql: string) => Promise<unknown>

/** Whatever way a statement takes to the connection. `lease.query` is what the other tests are about. */
const INTERFACES: Readonly<Record<string, Send>> = {
  'lease.execute': (lease, sql) => lease.execute(sql),
  'lease.connection.query': ({ connection }, sql) =>
    new Promise((resolve, reject) => {
      connection.query(sql, (error, rows) => (error ? reject(error) : resolve(rows)))
    }),
  'lease.connection.query as a stream': ({ connection }, sql) =>
    connection.query(sql).stream().resume().toArray(),
  'lease.connection.promise().query': ({ connection }, sql) => connection.promise().query(sql),
  'lease.connection.promise().prepare': async ({ connection }, sql) => {
    const prepared = await connection.promise().prepare(sql)
    await prepared.execute([])
    await prepared.close()
  },
}

/** The protocol for prepared statements carries fewer kinds of statements, and never two at once. */
const NOT_TO_BE_PREPARED = new Set(['ER_UNSUPPORTED_PS', 'ER_PARSE_ERROR'])

t.setTimeout(60_000)

void t.test('sent by', async (t) => {
  const world = await startWorld({ latin1: true })
  t.teardown(() => world.end())
  for (const [name, send] of Object.entries(INTERFACES)) {
    await t.test(name, async (t) => {
      for (const kind of Object.values(THEMES).flat()) {
        if (!existsOn(kind, world.flavor) || !kind.statements) continue
        await t.test(`the next borrower sees nothing of: ${kind.name}`, async (t) => {
          const fresh = await witness(kind, world)
          const pool = poolOfOne(kind, world)
          t.teardown(() => pool.end({ deadline: 0 }))
          await pool.use((lease) => sendAll(lease, kind, send))
          await kind.leftBehind?.tidy(world)
          await pool.use(async (lease) => {
            t.same(differences(await fingerprint(lease, world), fresh), {})
          })
        })
      }
    })
  }
})

/** What cannot be sent this way goes the plain one. */
async function sendAll(lease: Lease, kind: Kind, send: Send): Promise<void> {
  for (const sql of kind.statements ?? []) {
    await send(lease, sql).catch((error: { code?: string }) => {
      if (!NOT_TO_BE_PREPARED.has(String(error.code))) throw error
      return lease.query(sql)
    })
  }
}
