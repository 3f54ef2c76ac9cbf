import { createPool, type Pool } from '@lifeguard/core'
import {
  type Bank,
  createBank,
  type FaultProxy,
  sharedDatabase,
  startFaultProxy,
  waitFor,
} from '@lifeguard/test-kit'
import t, { type Test } from 'tap'

async function slowBank(t: Test): Promise<{ bank: Bank; pool: Pool; proxy: FaultProxy }> {
  const server = await sharedDatabase()
  const bank = await createBank()
  const proxy = await startFaultProxy(server)
  const pool = createPool({ uri: proxy.uri(bank.name), min: 0, max: 2, settleTimeout: 1000 })
  t.teardown(async () => {
    proxy.heal()
    await pool.end()
    await proxy.stop()
    await bank.drop()
  })
  return { bank, pool, proxy }
}

void t.test('when its scope ends meanwhile, it is awaited, and its answer told', async (t) => {
  const { bank, pool, proxy } = await slowBank(t)
  const scope = pool.openScope()
  await scope.query('SELECT 1')
  proxy.delay(50)
  const committing = scope.transaction((tx) =>
    tx.query('UPDATE account SET balance = 0 WHERE id = 1'),
  )
  let ended: Promise<void> | undefined
  proxy.onCommand(({ text }) => {
    if (text === 'COMMIT') ended ??= scope.end()
  })
  await committing
  await ended
  t.equal(await bank.balance(1), 0)
  t.match(pool.stats(), { inUse: 0, kills: 0, acquired: 1, released: 1, total: 1 })
  await t.rejects(scope.query('SELECT 1'), { code: 'ERR_SCOPE_ENDED' })
})

void t.test('for as long as settling may take, and no longer', async (t) => {
  const { pool, proxy } = await slowBank(t)
  const scope = pool.openScope()
  await scope.query('SELECT 1')
  proxy.onCommand(({ text }) => {
    if (text !== 'COMMIT') return
    proxy.blackHole()
    void scope.end()
  })
  await t.rejects(
    scope.transaction((tx) => tx.query('UPDATE account SET balance = 0 WHERE id = 1')),
    { code: 'ERR_SCOPE_ENDED' },
  )
  proxy.heal()
  await waitFor(() => pool.stats().inUse + pool.stats().busy === 0)
  t.match(pool.stats(), { acquired: 1, released: 1 })
})
