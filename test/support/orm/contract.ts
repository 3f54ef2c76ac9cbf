import type { Pool } from '@lifeguard/core'
import {
  adminQuery,
  createDatabase,
  openTransactions,
  sharedDatabase,
  waitFor,
} from '@lifeguard/test-kit'
import type { Test } from 'tap'

/** A library as its users use it, over the table `item`. */
export interface Orm {
  /** Lifeguard's pool, which the library does not know of. */
  readonly pool: Pool
  create(name: string): Promise<unknown>
  find(name: string): Promise<{ readonly id: number; readonly name: string } | undefined>
  rename(from: string, to: string): Promise<unknown>
  remove(name: string): Promise<unknown>
  list(): Promise<string[]>
  /** One transaction that creates all; `fail` is thrown in its middle. */
  createAll(names: readonly string[], fail?: Error): Promise<unknown>
  /** Where it has one: the names, read as a stream. */
  stream?(): AsyncIterable<string>
  /** Begins a transaction, creates one and forgets the rest. */
  forget(name: string): Promise<unknown>
  close(): Promise<unknown>
}

export interface OrmOptions {
  readonly uri: string
  readonly max: number
  readonly acquireTimeout: number
}

const MAX = 4

/** What must hold for every library over the drop-in. */
export function ormContract(t: Test, open: (options: OrmOptions) => Orm | Promise<Orm>): void {
  const opened = async (
    t: Test,
    options?: Partial<OrmOptions>,
  ): Promise<Orm & { database: string }> => {
    const server = await sharedDatabase()
    const database = await createDatabase(server)
    await adminQuery(
      server,
      `CREATE TABLE ${database.name}.item (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE)`,
    )
    const orm = await open({ uri: database.uri, max: MAX, acquireTimeout: 5000, ...options })
    t.teardown(async () => {
      await orm.close()
      await orm.pool.end({ deadline: 100 })
      await database.drop()
    })
    return { ...orm, database: database.name }
  }

  void t.test('creates, reads, updates and deletes', async (t) => {
    const orm = await opened(t)
    await orm.create('a')
    await orm.create("it's")
    t.match(await orm.find("it's"), { id: Number, name: "it's" })
    t.equal(await orm.find('nobody'), undefined)
    await orm.rename('a', 'b')
    await orm.remove("it's")
    t.strictSame(await orm.list(), ['b'])
    nothingIsLeft(t, orm.pool)
  })

  void t.test('a transaction is all or nothing', async (t) => {
    const orm = await opened(t)
    await orm.createAll(['a', 'b'])
    await t.rejects(orm.createAll(['c', 'd'], new Error('changed my mind')), {
      message: 'changed my mind',
    })
    t.match(await reason(orm.createAll(['e', 'a'])), { code: 'ER_DUP_ENTRY' })
    t.strictSame(await orm.list(), ['a', 'b'])
    nothingIsLeft(t, orm.pool)
  })

  void t.test('fifty transactions share a few connections', async (t) => {
    const orm = await opened(t)
    const names = Array.from({ length: 50 }, (_, i) => `item ${i}`)
    await Promise.all(names.map((name) => orm.createAll([name])))
    t.equal((await orm.list()).length, 50)
    t.ok(orm.pool.stats().created <= MAX)
    nothingIsLeft(t, orm.pool)
  })

  void t.test('a stream gives its connection back, also when it is left', async (t) => {
    const orm = await opened(t, { max: 1 })
    if (!orm.stream) return
    await orm.createAll(['a', 'b', 'c'])
    const names: string[] = []
    for await (const name of orm.stream()) names.push(name)
    t.strictSame(names.sort(), ['a', 'b', 'c'])
    for await (const name of orm.stream()) {
      t.ok(name)
      break
    }
    t.equal((await orm.list()).length, 3)
    await waitFor(() => orm.pool.stats().inUse === 0)
    nothingIsLeft(t, orm.pool)
  })

  void t.test('what it forgets in a scope is taken back, rolled back', async (t) => {
    const orm = await opened(t)
    for (let i = 0; i < MAX * 3; i++) {
      await orm.pool.scope({ label: 'GET /forgets' }, async () => {
        await orm.forget(`forgotten ${i}`)
        t.equal(orm.pool.stats().inUse, 1)
      })
    }
    t.strictSame(await orm.list(), [])
    nothingIsLeft(t, orm.pool)
    t.equal(await openTransactions(await sharedDatabase(), orm.database), 0)
  })

  void t.test('a pool that is exhausted says so', async (t) => {
    const orm = await opened(t, { max: 1, acquireTimeout: 1000 })
    await orm.list()
    const lease = await orm.pool.acquire()
    const error = await reason(orm.list())
    t.match(error, { code: 'ERR_ACQUIRE_TIMEOUT', message: /total=1\/1, inUse=1/ })
    await lease.release()
    t.strictSame(await orm.list(), [])
    nothingIsLeft(t, orm.pool)
  })

  void t.test('a connection that the server has closed is not used again', async (t) => {
    const orm = await opened(t)
    const lease = await orm.pool.acquire()
    const { threadId } = lease
    await lease.release()
    await adminQuery(await sharedDatabase(), `KILL ${threadId}`)
    await waitFor(() => orm.pool.stats().evicted['connection lost'] > 0)
    await orm.create('a')
    t.strictSame(await orm.list(), ['a'])
    nothingIsLeft(t, orm.pool)
  })
}

export function nothingIsLeft(t: Test, pool: Pool): void {
  const { acquired, released, inUse, waiting } = pool.stats()
  t.match(
    { inUse, waiting, unreturned: acquired - released },
    { inUse: 0, waiting: 0, unreturned: 0 },
  )
}

/** The driver's or the pool's error, in whatever the library has wrapped it. */
async function reason(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
  } catch (error) {
    return innermost(error)
  }
  throw new Error('expected a rejection')
}

function innermost(error: unknown): unknown {
  const { cause, parent, driverError } = error as Record<
    'cause' | 'parent' | 'driverError',
    unknown
  >
  const inner = parent ?? driverError ?? cause
  return inner instanceof Error ? innermost(inner) : error
}
