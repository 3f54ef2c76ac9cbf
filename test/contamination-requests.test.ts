import { get, hangUp } from '@lifeguard/test-kit'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import t from 'tap'

import { appOfOne } from './support/contamination/app.ts'
import { differences } from './support/contamination/differences.ts'
import type { Fingerprint } from './support/contamination/fingerprint.ts'
import { existsOn, type Kind } from './support/contamination/kind.ts'
import { THEMES } from './support/contamination/kinds/index.ts'
import { transactions } from './support/contamination/kinds/transactions.ts'
import { unfinished } from './support/contamination/kinds/unfinished.ts'
import { witness } from './support/contamination/pools.ts'
import { startWorld, type World } from './support/contamination/world.ts'

type Fetch = (path: string) => Promise<{ status: number; body: string }>

t.setTimeout(60_000)

void t.test('the next request sees nothing of', async (t) => {
  const world = await startWorld({ latin1: true })
  t.teardown(() => world.end())

  await t.test('what a request left', async (t) => {
    for (const kind of Object.values(THEMES).flat()) {
      if (existsOn(kind, world.flavor)) await leavesNothing(t, kind, world, injected)
    }
  })
  await t.test('what a request over a real socket left', async (t) => {
    for (const kind of [...transactions, ...unfinished]) {
      await leavesNothing(t, kind, world, overSocket)
    }
  })
  await t.test('what a failing request left', async (t) => {
    for (const kind of transactions) {
      await leavesNothingAfter(t, kind, world, async (address) => {
        const { status } = await get(`${address}/dirty-and-throw`)
        t.equal(status, 500)
      })
    }
  })
  await t.test('what a request left whose client hung up', async (t) => {
    for (const kind of transactions) {
      await leavesNothingAfter(t, kind, world, (address, dirtied) =>
        hangUp(`${address}/dirty-and-hang`, dirtied),
      )
    }
  })
})

async function leavesNothing(
  t: Test,
  kind: Kind,
  world: World,
  reach: (app: FastifyInstance) => Promise<Fetch>,
): Promise<void> {
  await t.test(kind.name, async (t) => {
    const fresh = await witness(kind, world)
    const app = await appOfOne(kind, world)
    t.teardown(() => app.close())
    const fetch = await reach(app)
    const first = (await json(fetch, '/dirty')) as { threadId: number }
    await kind.leftBehind?.tidy(world)
    const second = (await json(fetch, '/look')) as { threadId: number; found: Fingerprint }
    t.same(differences(second.found, fresh), {})
    const isKept = second.threadId === first.threadId
    t.equal(isKept, kind.replaced === undefined, kind.replaced ?? 'on the same connection')
  })
}

async function leavesNothingAfter(
  t: Test,
  kind: Kind,
  world: World,
  first: (address: string, dirtied: Promise<void>) => Promise<unknown>,
): Promise<void> {
  await t.test(kind.name, async (t) => {
    const fresh = await witness(kind, world)
    let onDirty!: () => void
    const dirtied = new Promise<void>((resolve) => (onDirty = resolve))
    const app = await appOfOne(kind, world, onDirty)
    t.teardown(() => app.close())
    const address = await app.listen({ host: '127.0.0.1', port: 0 })
    await first(address, dirtied)
    // The next request waits for the connection, but nobody waits for what a prepared XA transaction holds.
    await kind.leftBehind?.tidy(world)
    const { found } = (await json(await injected(app), '/look')) as { found: Fingerprint }
    t.same(differences(found, fresh), {})
  })
}

async function injected(app: FastifyInstance): Promise<Fetch> {
  return async (path) => {
    const { statusCode, body } = await app.inject(path)
    return { status: statusCode, body }
  }
}

async function overSocket(app: FastifyInstance): Promise<Fetch> {
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  return (path) => get(address + path)
}

async function json(fetch: Fetch, path: string): Promise<unknown> {
  const { status, body } = await fetch(path)
  if (status !== 200) throw new Error(`${path} answered ${status}: ${body}`)
  return JSON.parse(body)
}
