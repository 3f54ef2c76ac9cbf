import t from 'tap'

import { differences } from './support/contamination/differences.ts'
import { existsOn } from './support/contamination/kind.ts'
import { THEMES } from './support/contamination/kinds/index.ts'
import { rememberedLook } from './support/contamination/pools.ts'
import { lookWithoutHygiene } from './support/contamination/without-hygiene.ts'
import { startWorld } from './support/contamination/world.ts'

const freshWithoutHygiene = rememberedLook((kind, world) => lookWithoutHygiene(kind, world))

/*
 * The other contamination tests prove something only if they can fail. So here are the same kinds and the
 * same looks over mysql2's own pool, where each must be seen.
 */
t.setTimeout(60_000)

void t.test('in a pool without hygiene, the next borrower sees', async (t) => {
  const world = await startWorld()
  t.teardown(() => world.end())
  for (const kind of Object.values(THEMES).flat()) {
    if (!existsOn(kind, world.flavor)) continue
    await t.test(kind.name, { skip: kind.unseen ?? false }, async (t) => {
      const fresh = await freshWithoutHygiene(kind, world)
      const found = await lookWithoutHygiene(kind, world, kind.dirty)
      t.not(Object.keys(differences(found, fresh)).length, 0)
    })
  }
})
