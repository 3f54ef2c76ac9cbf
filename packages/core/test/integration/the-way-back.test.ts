import { threadsConnected, waitFor } from '@lifeguard/test-kit'
import t from 'tap'

import { connectionId, freshPool } from '../support/fresh-pool.ts'

void t.test(
  'without pooling every lease and every scope has a connection of its own, and closes it',
  async (t) => {
    const { pool, server } = await freshPool(t, { enabled: false, max: 5 })
    const ids = new Set<number>()
    for (let i = 0; i < 3; i++) ids.add(await connectionId(pool))
    await pool.scope({}, async (scope) => {
      const first = await connectionId(scope)
      t.equal(await connectionId(pool), first, 'a scope keeps its one')
      ids.add(first)
    })
    t.equal(ids.size, 4)
    const many = await Promise.all(Array.from({ length: 20 }, () => connectionId(pool)))
    t.equal(new Set(many).size, 20)
    await waitFor(() => pool.stats().total === 0)
    t.match(pool.stats(), { inUse: 0, idle: 0, created: 24, evicted: { 'not pooled': 24 } })
    t.ok((await threadsConnected(server)) < 20)
  },
)
