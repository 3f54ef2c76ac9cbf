import { waitFor } from '@lifeguard/test-kit'

import { onEachExpress } from '../support/bank-app.ts'

const warnings: unknown[] = []
const logger = { warn: (details: object) => void warnings.push(details) }

onEachExpress(
  'after timeout its connection is back and its work undone',
  async (t, { app, bank, pool, listen }) => {
    warnings.length = 0
    app.get('/never/:id', (req) => {
      void req.db
        .query('START TRANSACTION')
        .then(() => req.db.query('UPDATE account SET balance = 0 WHERE id = 1'))
    })
    const stop = new AbortController()
    const asking = fetch(`${await listen()}/never/42`, { signal: stop.signal }).catch(() => {})
    await waitFor(() => pool.stats().released === 1 && pool.stats().busy === 0)
    t.equal(await bank.balance(1), 100)
    t.same(warnings, [{ route: 'GET /never/:id', timeout: 150 }])
    stop.abort()
    await asking
  },
  { middleware: { timeout: 150, logger } },
)
