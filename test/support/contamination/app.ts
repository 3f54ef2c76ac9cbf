import type { Scope } from '@lifeguard/core'
import { lifeguard } from '@lifeguard/fastify'
import { fastify, type FastifyInstance } from 'fastify'

import { fingerprint } from './fingerprint.ts'
import type { Borrowed, Kind } from './kind.ts'
import { optionsFor } from './pools.ts'
import type { World } from './world.ts'

/** How a handler ends that has left its mess: `/dirty` answers, the others don't. */
const ENDINGS: Readonly<Record<string, () => Promise<unknown>>> = {
  '/dirty-and-throw': () => Promise.reject(new Error('a bug in the handler')),
  '/dirty-and-hang': () => new Promise(() => {}),
}

/**
 * An app whose pool has one connection: `/dirty` leaves the state behind, `/look` answers with the
 * fingerprint, and both tell whose session it was.
 */
export async function appOfOne(
  kind: Kind,
  world: World,
  onDirty: () => void = () => {},
): Promise<FastifyInstance> {
  const app = fastify()
  await app.register(lifeguard, {
    min: 0,
    max: 1,
    settleTimeout: 2000,
    endDeadline: 0,
    ...optionsFor(kind, world),
  })
  const leave = async (db: Scope): Promise<number> => {
    // Never released: the end of the request has to see to it.
    const borrowed = kind.raw ? await db.acquire() : throughScope(db)
    const threadId = await threadIdOf(borrowed)
    await kind.dirty(borrowed, world)
    onDirty()
    return threadId
  }
  app.get('/dirty', async ({ db }) => ({ threadId: await leave(db) }))
  for (const [path, end] of Object.entries(ENDINGS)) {
    app.get(path, async ({ db }) => {
      await leave(db)
      return await end()
    })
  }
  app.get('/look', async ({ db }) => ({
    threadId: await threadIdOf(db),
    found: await fingerprint(db, world),
  }))
  return app
}

function throughScope(scope: Scope): Borrowed {
  return {
    query: (sql, values) => scope.query(sql, values),
    execute: (sql, values) => scope.execute(sql, values),
    get connection(): never {
      throw new Error('a kind that takes the connection is `raw`')
    },
  }
}

async function threadIdOf(asked: Pick<Borrowed, 'query'>): Promise<number> {
  const [[row]] = (await asked.query('SELECT CONNECTION_ID() AS id')) as [{ id: number }[]]
  if (!row) throw new Error('no answer')
  return row.id
}
