import { once } from 'node:events'

import t from 'tap'

import type { Lease } from '#core/pool/lease.js'

import { fakePool } from '../support/fake-pool.ts'

void t.test(
  'one that takes a connection while another one is evicted gets one that stays',
  async (t) => {
    const { pool, clock, server } = fakePool({
      idleTimeout: 1000,
      checkAfterIdle: 5000,
      healthCheckInterval: 0,
    })
    await clock.run(pool.warm(2))
    const taken: number[] = []
    pool.on('evicted', () => {
      void pool.acquire().then((lease) => taken.push(lease.threadId))
    })
    await clock.advance(1500)
    t.ok(taken.length > 0)
    for (const threadId of taken) {
      t.notOk(server.sessions[threadId - 1]!.closed, `connection ${threadId}`)
    }
    const { acquired, released, inUse } = pool.stats()
    t.equal(acquired, released + inUse)
  },
)

void t.test('nor does it save others from evictAll', async (t) => {
  const { pool, clock, server } = fakePool({ checkAfterIdle: 5000 })
  await clock.run(pool.warm(4))
  const taken: Lease[] = []
  pool.on('evicted', () => {
    void pool.acquire().then((lease) => taken.push(lease))
  })
  pool.evictAll()
  await clock.advance(0)
  for (const lease of taken) await clock.run(lease.release())
  await clock.advance(0)
  t.ok(server.sessions.slice(0, 4).every(({ closed }) => closed))
})

void t.test('one that throws costs no connection, and its error is told', async (t) => {
  const { pool, clock } = fakePool({ max: 1 })
  await clock.run(pool.warm(1))
  const warnings: string[] = []
  const onWarning = ({ message }: Error) => warnings.push(message)
  process.on('warning', onWarning)
  pool.on('acquired', () => {
    throw new Error('bad listener')
  })
  await (await pool.acquire()).release()
  await clock.advance(0)
  process.off('warning', onWarning)
  t.match(warnings, [/'acquired'.*bad listener/])
  t.match(pool.stats(), { idle: 1, inUse: 0, acquired: 2, released: 2 })
})

void t.test('who does not listen any more is not told', async (t) => {
  const { pool, clock } = fakePool()
  const labels: string[] = []
  const listener = ({ label }: { label: string }) => labels.push(label)
  pool.on('acquired', listener).on('released', listener)
  await clock.run(pool.use(() => {}, { label: 'a' }))
  pool.off('acquired', listener).off('released', listener)
  await clock.run(pool.use(() => {}, { label: 'b' }))
  t.strictSame(labels, ['a', 'a'])
})

void t.test('one for what does not exist is refused, and told what does', (t) => {
  const { pool } = fakePool({ name: 'shop' })
  for (const name of ['error', 'pool', 'of', 'toString']) {
    t.throws(() => pool.on(name as 'ended', () => {}), {
      code: 'ERR_OPTIONS',
      message: new RegExp(`shop: there is no event '${name}'; there are connected, .* ended$`),
    })
  }
  t.throws(() => pool.on('ended', undefined as never), { code: 'ERR_OPTIONS' })
  t.end()
})

void t.test('one that throws is warned of, and the others hear all the same', async (t) => {
  const { pool, clock } = fakePool()
  const heard: string[] = []
  pool.on('acquired', () => {
    throw new Error('the listener fails')
  })
  pool.on('acquired', ({ label }) => heard.push(label))
  const warned = once(process, 'warning')
  const lease = await clock.run(pool.acquire({ label: 'GET /cart' }))
  t.match(await warned, [{ message: /'acquired' threw.*the listener fails/ }])
  t.same(heard, ['GET /cart'])
  await clock.run(lease.release())
  t.match(pool.stats(), { acquired: 1, released: 1, inUse: 0 })
})

void t.test('nor does one that throws what is no text', async (t) => {
  const { pool, clock } = fakePool()
  pool.on('released', () => {
    throw Object.create(null)
  })
  const warned = once(process, 'warning')
  await clock.run(pool.use(() => {}))
  t.match(await warned, [{ message: /'released' threw: \[object Object\]/ }])
  t.match(pool.stats(), { inUse: 0, idle: 1 })
})
