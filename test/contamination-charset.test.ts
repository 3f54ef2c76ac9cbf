import type { PoolOptions } from '@lifeguard/core'
import t from 'tap'

import { differences } from './support/contamination/differences.ts'
import { fingerprint } from './support/contamination/fingerprint.ts'
import { existsOn, type Kind } from './support/contamination/kind.ts'
import { charset } from './support/contamination/kinds/charset.ts'
import { objects } from './support/contamination/kinds/objects.ts'
import { poolOfOne, witness } from './support/contamination/pools.ts'
import { startWorld } from './support/contamination/world.ts'

/** What users choose for their sessions. The server's own choice is latin1. */
const CHOICES: Readonly<Record<string, PoolOptions>> = {
  'utf8mb4, compared by bytes': { charset: 'utf8mb4_bin' },
  'utf8mb4, the old collation': { charset: 'utf8mb4_general_ci' },
  latin1: { charset: 'latin1_swedish_ci' },
  'by a statement': { initSql: 'SET NAMES utf8mb4 COLLATE utf8mb4_spanish_ci' },
  'by a function': {
    onConnect: async (connection) => {
      await connection.query('SET NAMES utf8mb4 COLLATE utf8mb4_spanish_ci')
      await connection.query("SET sql_mode = 'ANSI_QUOTES', @tenant = 7")
    },
  },
}

void t.test('the next borrower has the charset that was chosen', async (t) => {
  const world = await startWorld({ latin1: true })
  t.teardown(() => world.end())
  for (const [choice, options] of Object.entries(CHOICES)) {
    await t.test(choice, async (t) => {
      for (const plain of [...charset, ...objects]) {
        if (!existsOn(plain, world.flavor) || plain.replaced !== undefined) continue
        const kind: Kind = { ...plain, options }
        await t.test(`after ${kind.name}`, async (t) => {
          const fresh = await witness(kind, world)
          const pool = poolOfOne(kind, world)
          t.teardown(() => pool.end({ deadline: 0 }))
          await pool.use((lease) => kind.dirty(lease, world))
          await pool.use(async (lease) => {
            t.same(differences(await fingerprint(lease, world), fresh), {})
          })
          t.equal(pool.stats().created, 1, 'on the same connection')
        })
      }
    })
  }
})
