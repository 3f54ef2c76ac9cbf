import { gunzipSync } from 'node:zlib'

import compress from '@fastify/compress'
import multipart from '@fastify/multipart'
import underPressure from '@fastify/under-pressure'
import { waitFor } from '@lifeguard/test-kit'
import t, { type Test } from 'tap'

import { bankApp, type BankApp } from '../support/bank-app.ts'

/** All of them in one app. */
async function crowdedApp(t: Test): Promise<BankApp & { url: string }> {
  const world = await bankApp(t)
  const { app, pool } = world
  await app.register(underPressure, {
    exposeStatusRoute: true,
    healthCheck: async () => {
      await pool.query('SELECT 1')
      return true
    },
    healthCheckInterval: 50,
  })
  await app.register(compress, { threshold: 0 })
  await app.register(multipart)
  app.get('/accounts', async (request) => (await request.db.query('SELECT * FROM account'))[0])
  app.post('/upload', { config: { db: { transaction: true } } }, async (request) => {
    await request.db.query('UPDATE account SET balance = balance - 1 WHERE id = 1')
    const file = await request.file()
    const { length } = await file!.toBuffer()
    await request.db.query('UPDATE account SET balance = ? WHERE id = 2', [length])
    return { length }
  })
  return { ...world, url: await app.listen({ port: 0 }) }
}

function form(length: number): FormData {
  const data = new FormData()
  data.append('file', new Blob(['x'.repeat(length)]), 'file.txt')
  return data
}

void t.test('a compressed answer of the database', async (t) => {
  const { app, pool } = await crowdedApp(t)
  const headers = { 'accept-encoding': 'gzip' }
  const answer = await app.inject({ url: '/accounts', headers })
  t.equal(answer.headers['content-encoding'], 'gzip')
  t.same(JSON.parse(gunzipSync(answer.rawPayload).toString()), [
    { id: 1, balance: 100 },
    { id: 2, balance: 100 },
  ])
  await waitFor(() => pool.stats().acquired === pool.stats().released)
})

void t.test('an upload in a transaction', async (t) => {
  const { bank, url } = await crowdedApp(t)
  const answer = await fetch(`${url}/upload`, { method: 'POST', body: form(1000) })
  t.same(await answer.json(), { length: 1000 })
  t.same([await bank.balance(1), await bank.balance(2)], [99, 1000])
})

void t.test('an upload that breaks off is rolled back', async (t) => {
  const { bank, pool, url } = await crowdedApp(t)
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
      controller.enqueue(new TextEncoder().encode(`${head}only a part`))
    },
  })
  const stop = new AbortController()
  const headers = { 'content-type': 'multipart/form-data; boundary=b' }
  const init = { method: 'POST', body, headers, signal: stop.signal, duplex: 'half' }
  const upload = fetch(`${url}/upload`, init as RequestInit).catch(() => {})
  await waitFor(() => pool.stats().inUse === 1)
  stop.abort()
  await upload
  await waitFor(() => pool.stats().inUse + pool.stats().busy === 0)
  t.equal(await bank.balance(1), 100)
})

void t.test('the health check is no request, and leaves nothing behind', async (t) => {
  const { app, pool } = await crowdedApp(t)
  t.same((await app.inject('/status')).json(), { status: 'ok' })
  await waitFor(() => pool.stats().inUse === 0)
})
