import { withDbConnection } from '@lifeguard/bullmq'
import type { Scope } from '@lifeguard/core'
import { sharedRedis, waitFor } from '@lifeguard/test-kit'
import type { Job } from 'bullmq'
import t from 'tap'

import { MAJORS, openQueue } from '../support/bullmq-majors.ts'
import { openLedger } from '../support/ledger.ts'

for (const [name, bullmq] of MAJORS) {
  void t.test(`a parent that waits for its children has one for each run (${name})`, async (t) => {
    const { pool, committed, nothingHeld } = await openLedger(t)
    const { queue, work } = await openQueue(t, bullmq)
    const scopes = new Set<Scope>()
    const write = (db: Scope, what: string): Promise<unknown> =>
      db.transaction((tx) => tx.query('INSERT INTO entry (what) VALUES (?)', [what]))
    work(
      withDbConnection(pool, async (job: Job<{ step?: string }>, { db, token }) => {
        scopes.add(db)
        if (job.name === 'child') return write(db, 'child')
        if (job.data.step === 'wait') return write(db, 'parent')
        await write(db, 'before the children')
        const parent = { id: job.id!, queue: job.queueQualifiedName }
        await queue.add('child', {}, { parent })
        await job.updateData({ step: 'wait' })
        if (await job.moveToWaitingChildren(token!)) throw new bullmq.WaitingChildrenError()
        return undefined
      }),
      { concurrency: 2 },
    )
    const job = await queue.add('parent', {})
    await waitFor(async () => (await job.getState()) === 'completed', { timeout: 20_000 })
    t.same(await committed(), ['before the children', 'child', 'parent'])
    t.equal(scopes.size, 3)
    await nothingHeld()
  })

  void t.test(`so have a flow, a delayed and a repeated job (${name})`, async (t) => {
    const { pool, committed, nothingHeld } = await openLedger(t)
    const { queue, work } = await openQueue(t, bullmq)
    work(
      withDbConnection(
        pool,
        (job: Job, { db }) => db.query('INSERT INTO entry (what) VALUES (?)', [job.name]),
        { transaction: true },
      ),
    )
    const { host, port } = await sharedRedis()
    const flows = new bullmq.FlowProducer({ connection: { host, port } })
    t.teardown(() => flows.close())
    await flows.add({
      name: 'parent',
      queueName: queue.name,
      children: [{ name: 'child', queueName: queue.name }],
    })
    await queue.add('delayed', {}, { delay: 100 })
    await queue.upsertJobScheduler('often', { every: 100 }, { name: 'repeated' })
    await waitFor(
      async () => {
        const seen = await committed()
        const repeated = seen.filter((what) => what === 'repeated').length
        return repeated >= 3 && seen.includes('delayed') && seen.includes('parent')
      },
      { timeout: 20_000 },
    )
    await queue.removeJobScheduler('often')
    const seen = await committed()
    t.ok(seen.indexOf('child') < seen.indexOf('parent'))
    await nothingHeld()
  })

  void t.test(`a worker that was built in a scope does not work in it (${name})`, async (t) => {
    const { pool, nothingHeld } = await openLedger(t)
    const { queue, work } = await openQueue(t, bullmq)
    const seen: unknown[] = []
    await pool.scope({ label: 'GET /start-worker' }, async (around) => {
      work(
        withDbConnection(pool, async (_job, { db }) => {
          await pool.query('SELECT 1')
          seen.push(pool.currentScope === db && db !== around)
        }),
      )
    })
    await queue.addBulk([
      { name: 'a', data: {} },
      { name: 'b', data: {} },
    ])
    await waitFor(() => seen.length === 2, { timeout: 20_000 })
    t.same(seen, [true, true])
    await nothingHeld()
  })
}
