import { openTransactions } from '@lifeguard/test-kit'
import type { Test } from 'tap'
import t from 'tap'

import { differences } from './support/contamination/differences.ts'
import { fingerprint } from './support/contamination/fingerprint.ts'
import { existsOn, type Kind } from './support/contamination/kind.ts'
import { THEMES } from './support/contamination/kinds/index.ts'
import { poolOfOne, witness } from './support/contamination/pools.ts'
import { lookWithoutHygiene } from './support/contamination/without-hygiene.ts'
import { startWorld, type World } from './support/contamination/world.ts'

t.setTimeout(60_000)

for (const latin1 of [false, true]) {
  void t.test(`on a server whose charset is ${latin1 ? 'latin1' : 'utf8mb4'}`, async (t) => {
    const world = await startWorld({ latin1 })
    t.teardown(() => world.end())
    await t.test('a new session is what it should be', (t) => isSound(t, world))
    for (const [theme, kinds] of Object.entries(THEMES)) {
      await t.test(theme, async (t) => {
        for (const kind of kinds) {
          if (existsOn(kind, world.flavor)) await leavesNothing(t, kind, world)
        }
      })
    }
    await t.test('all of it, one after the other', (t) => leavesNothingOfAll(t, world))
    t.equal(await openTransactions(world.server), 0, 'no transaction is open at the server')
  })
}

async function leavesNothing(t: Test, kind: Kind, world: World): Promise<void> {
  await t.test(`the next borrower sees nothing of: ${kind.name}`, async (t) => {
    const fresh = await witness(kind, world)
    const pool = poolOfOne(kind, world)
    t.teardown(() => pool.end({ deadline: 0 }))
    const first = await pool.use(async (lease) => {
      await kind.dirty(lease, world)
      return lease.threadId
    })
    await kind.leftBehind?.tidy(world)
    await pool.use(async (lease) => {
      t.same(differences(await fingerprint(lease, world), fresh), {})
      const isKept = lease.threadId === first
      t.equal(isKept, kind.replaced === undefined, kind.replaced ?? 'on the same connection')
    })
  })
}

/** What all others are compared with: mysql2's own session, but for what the pool watches it through. */
async function isSound(t: Test, world: World): Promise<void> {
  const kind: Kind = { name: 'nothing', dirty: async () => {} }
  const fresh = await witness(kind, world)
  t.strictSame(differences(fresh, await lookWithoutHygiene(kind, world)), {
    'variables.session_track_state_change': { is: 'ON', shouldBe: 'OFF' },
  })
  const emoji = { bytes: 'C3A9F09F9880' }
  t.match(fresh['text'], {
    asText: [{ back: 'é😀', charset: 'utf8mb4', ...emoji }],
    prepared: [{ back: 'é😀', ...emoji }],
    found: [{ note: 'é😀', ...emoji }],
  })
}

/** A connection that has been through everything, and was never looked at in between. */
async function leavesNothingOfAll(t: Test, world: World): Promise<void> {
  const kinds = Object.values(THEMES)
    .flat()
    .filter((kind) => existsOn(kind, world.flavor) && isPlain(kind))
  const [plain] = kinds
  if (!plain) throw new Error('there is no kind')
  const pool = poolOfOne(plain, world)
  t.teardown(() => pool.end({ deadline: 0 }))
  for (const kind of kinds) await pool.use((lease) => kind.dirty(lease, world))
  await pool.use(async (lease) => {
    t.same(differences(await fingerprint(lease, world), await witness(plain, world)), {})
  })
  t.equal(pool.stats().created, 1, `${kinds.length} kinds on one connection`)
}

function isPlain(kind: Kind): boolean {
  return kind.replaced === undefined && kind.options === undefined && !kind.withoutDatabase
}
