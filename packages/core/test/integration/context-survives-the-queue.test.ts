import { AsyncLocalStorage } from 'node:async_hooks'

import t from 'tap'

import { freshPool } from '../support/fresh-pool.ts'

void t.test(
  'who waited goes on in its own async context, not in that of who released',
  async (t) => {
    const { pool } = await freshPool(t, { max: 1 })
    const store = new AsyncLocalStorage<string>()
    const seen = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) =>
        store.run(name, () =>
          pool.use(async (lease) => {
            await lease.query('DO 1')
            return new Promise((resolve) => {
              lease.connection.query('DO 1', () => resolve(store.getStore()))
            })
          }),
        ),
      ),
    )
    t.same(seen, ['a', 'b', 'c', 'd'])
  },
)
