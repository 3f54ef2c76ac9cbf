import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { waitFor } from '@lifeguard/test-kit'
import type { Pool, PoolConnection } from 'mysql2'
import t from 'tap'

import { called, essence, lent, look, rows, type Side } from '../support/side.ts'

/** What both do alike. */
const SAME: Record<string, (side: Side) => Promise<unknown>> = {
  'a query calls back with rows and fields': async ({ pool }) => {
    const [error, result, fields] = await called((done) =>
      pool().query('SELECT ? AS one, NOW() > 0 AS two', [1], done as never),
    )
    return { error, result, fields: (fields as { name: string }[]).map(({ name }) => name) }
  },
  'without values, and with options in their place': async ({ pool }) => {
    const own = pool()
    const [, plain] = await called((done) => own.query('SELECT 1 AS one', done as never))
    const [, asArray] = await called((done) =>
      own.query({ sql: 'SELECT ? AS one', rowsAsArray: true, values: [2] }, done as never),
    )
    const [, both] = await called((done) =>
      own.query({ sql: 'SELECT ? AS one', values: [2] }, [3], done as never),
    )
    const [, named] = await called((done) =>
      own.query(
        { sql: 'SELECT :a AS one', namedPlaceholders: true } as never,
        { a: 4 },
        done as never,
      ),
    )
    return [plain, asArray, both, named]
  },
  'options of the connection': async ({ pool }) => {
    const own = pool({
      namedPlaceholders: true,
      dateStrings: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
      typeCast: (field, next) => (field.type === 'TINY' ? field.string() === '1' : next()),
    })
    return await rows(own, "SELECT :a AS a, DATE '2026-01-02' AS day, 9007199254740993 AS big", {
      a: 1,
    })
  },
  'several statements at once': async ({ pool }) =>
    await rows(pool({ multipleStatements: true }), 'SELECT 1 AS a; SELECT 2 AS b'),
  'what a write answers': async ({ pool }) => {
    const own = pool()
    await rows(own, 'CREATE TABLE item (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20))')
    const insert = (await rows(own, 'INSERT INTO item (name) VALUES ?', [[['a'], ['b']]])) as object
    const update = (await rows(own, 'UPDATE item SET name = ?', ['a'])) as object
    return [insert, update].map((header) => ({ ...header, stateChanges: undefined }))
  },
  'execute calls back, with values and without': async ({ pool }) => {
    const own = pool()
    const [, one] = await called((done) => own.execute('SELECT ? + 1 AS n', [1], done as never))
    const [, two] = await called((done) => own.execute('SELECT 2 AS n', done as never))
    const [, three, fields] = await called((done) =>
      own.execute({ sql: 'SELECT ? AS n', rowsAsArray: true }, ['x'], done as never),
    )
    return [one, two, three, (fields as unknown[]).length]
  },
  'values that cannot be bound': async ({ pool }) => {
    const [error] = await called((done) =>
      pool().execute('SELECT ?', [undefined] as never, done as never),
    )
    return essence(error)
  },
  'an error of SQL': async ({ pool }) => {
    const own = pool()
    const [queried] = await called((done) => own.query('SELECT nonsense', done as never))
    const [executed] = await called((done) => own.execute('SELECT nonsense', done as never))
    const promised = await own
      .promise()
      .query('SELECT nonsense')
      .catch((error: unknown) => error)
    return [essence(queried), essence(executed), essence(promised)]
  },
  'a command tells by events': async ({ pool }) => {
    const seen: unknown[] = []
    const command = pool().query('SELECT 1 AS one UNION SELECT 2')
    command.on('fields', (fields: { name: string }[]) => seen.push(fields.map(({ name }) => name)))
    command.on('result', (row) => seen.push(row))
    await once(command, 'end')
    return seen
  },
  'a command tells of its error': async ({ pool }) => {
    const command = pool().query('SELECT nonsense')
    const [error] = (await once(command, 'error')) as [Error]
    return essence(error)
  },
  'a command knows what was sent': async ({ pool }) => {
    const own = pool()
    let command: { sql: string } | undefined
    await called((done) => (command = own.query('SELECT ?', ["it's"], done as never)))
    return command?.sql
  },
  'a command is no promise, and says so': async ({ pool }) => {
    const { then } = pool().query('SELECT 1', () => {}) as unknown as { then: () => void }
    return t.throws(() => Reflect.apply(then, undefined, []))
  },
  'a stream of rows': async ({ pool }) => {
    const stream = pool().query('SELECT 1 AS one UNION SELECT 2').stream()
    return await stream.toArray()
  },
  'a stream of an error': async ({ pool }) => {
    const stream = pool().query('SELECT nonsense').stream()
    const [error] = (await once(stream, 'error')) as [Error]
    return essence(error)
  },
  'a stream that is left': async ({ pool }) => {
    const own = pool({ connectionLimit: 1 })
    const stream = own.query('SELECT 1 AS one UNION SELECT 2 UNION SELECT 3').stream()
    for await (const row of stream) {
      void row
      break
    }
    return await rows(own, 'SELECT 4 AS next')
  },
  'a time limit of a connection tells once': async ({ pool }) => {
    const own = pool({ connectionLimit: 1 })
    const connection = await lent(own)
    const seen: unknown[] = []
    connection.query({ sql: 'SELECT SLEEP(0.3)', timeout: 50 }, (error) => {
      seen.push((error as NodeJS.ErrnoException).code)
      connection.release()
    })
    await rows(own, 'SELECT 1')
    return seen
  },
  'a connection is connected': async ({ pool }) => {
    const connection = await pool().promise().getConnection()
    await connection.connect()
    connection.release()
    return 'yes'
  },
  'a transaction over a connection': async ({ pool }) => {
    const own = pool()
    await rows(own, 'CREATE TABLE item (id INT PRIMARY KEY)')
    for (const end of ['commit', 'rollback'] as const) {
      const connection = await lent(own)
      await called((done) => connection.beginTransaction(done as never))
      await rows(connection, 'INSERT INTO item VALUES (?)', [end === 'commit' ? 1 : 2])
      await called((done) => connection[end](done as never))
      connection.release()
    }
    return await rows(own, 'SELECT * FROM item')
  },
  'a connection tells about itself': async ({ pool, database }) => {
    const connection = await lent(pool())
    const { config, threadId, authorized, state } = connection
    const told: unknown[] = [config.database === database.name, typeof threadId, authorized, state]
    told.push(connection.escape("it's"), connection.escapeId('a.b'), connection.format('?', ['x']))
    connection.release()
    return told
  },
  'a connection answers a ping and prepares': async ({ pool }) => {
    const connection = await lent(pool())
    const [ping] = await called((done) => connection.ping(done as never))
    const [, statement] = await called((done) => connection.prepare('SELECT ? AS n', done as never))
    const prepared = statement as { execute(values: unknown[], done: unknown): void; close(): void }
    const [, result] = await called((done) => prepared.execute([3], done))
    prepared.close()
    connection.release()
    return [ping, result]
  },
  'a connection takes what its user puts on it': async ({ pool }) => {
    const connection = (await lent(pool())) as PoolConnection & { mark?: number }
    connection.mark = 5
    const { mark } = connection
    connection.release()
    return [mark, 'mark' in connection]
  },
  'released twice is released once': async ({ pool }) => {
    const own = pool({ connectionLimit: 1 })
    const connection = await lent(own)
    connection.release()
    connection.release()
    const next = await lent(own)
    connection.release()
    const [, waits] = await Promise.all([rows(next, 'SELECT 1 AS held'), Promise.resolve('yes')])
    next.release()
    return waits
  },
  'the pool releases a connection, too': async ({ pool }) => {
    const own = pool({ connectionLimit: 1 })
    own.releaseConnection(await lent(own))
    const promised = own.promise()
    promised.releaseConnection(await promised.getConnection())
    return await rows(own, 'SELECT 1 AS free')
  },
  'who waits longest is served first': async ({ pool }) => {
    const own = pool({ connectionLimit: 1 })
    const order: number[] = []
    const all = [1, 2, 3, 4].map(async (n) => {
      await rows(own, 'SELECT SLEEP(0.01)')
      order.push(n)
    })
    await Promise.all(all)
    return order
  },
  'events of uses one after the other': async ({ pool }) => {
    const own = pool({ connectionLimit: 1 })
    const seen: string[] = []
    for (const name of ['connection', 'acquire', 'enqueue', 'release']) {
      own.on(name, (connection?: PoolConnection) =>
        seen.push(`${name} ${typeof connection?.threadId}`),
      )
    }
    await rows(own, 'SELECT 1')
    await waitFor(() => seen.includes('release number'))
    const connection = await lent(own)
    connection.release()
    await waitFor(() => seen.filter((line) => line === 'release number').length === 2)
    return seen
  },
  'enqueue comes for whoever has to wait': async ({ pool }) => {
    const own = pool({ connectionLimit: 1 })
    let queued = 0
    own.on('enqueue', () => queued++)
    const connection = await lent(own)
    const waiting = [rows(own, 'SELECT 1'), rows(own, 'SELECT 2')]
    await waitFor(() => queued === 2)
    connection.release()
    await Promise.all(waiting)
    return queued
  },
  'what listeners of `connection` set is there from the first use on': async ({ pool }) => {
    const own = pool({ connectionLimit: 1 })
    own.on('connection', (connection: PoolConnection) => {
      connection.query("SET SESSION time_zone = '+03:00'")
    })
    const zones = async (): Promise<unknown> => await rows(own, 'SELECT @@time_zone AS zone')
    return [await zones(), await zones()]
  },
  'the promise of a callback pool': async ({ pool }) => {
    const promised = pool().promise()
    const [result, fields] = await promised.query('SELECT ? AS one', [1])
    const [executed] = await promised.execute('SELECT ? AS one', [1])
    const connection = await promised.getConnection()
    await connection.beginTransaction()
    const [inside] = await connection.query('SELECT 1 AS inside')
    await connection.commit()
    await connection.ping()
    const formatted = connection.format('SELECT ?', ["it's"])
    connection.release()
    return [result, fields.length, executed, inside, formatted]
  },
  'the module of promises': async ({ promise, uri }) => {
    const pool = promise.createPool(uri)
    const [result] = await pool.query('SELECT 1 AS one')
    const connection = await pool.getConnection()
    const [held] = await connection.execute('SELECT 2 AS two')
    connection.release()
    await pool.end()
    return [result, held]
  },
  'a pool of promises takes no callback': async ({ pool }) => {
    const { query } = pool().promise()
    try {
      await (query as unknown as (...args: unknown[]) => Promise<void>).call(
        null,
        'SELECT 1',
        () => {},
      )
    } catch (error) {
      return error instanceof Error
    }
    return 'taken'
  },
  'a promise implementation of the user': async ({ promise, uri }) => {
    class Own<T> extends Promise<T> {}
    const pool = promise.createPool({ uri, Promise: Own } as never)
    const asked = pool.query('SELECT 1')
    const own = asked instanceof Own
    await asked
    await pool.end()
    return own
  },
  'escape, escapeId and format of the pool': async ({ pool }) => {
    const own = pool({ timezone: 'Z', stringifyObjects: true })
    const date = new Date(Date.UTC(2026, 0, 2, 3, 4, 5))
    return [
      own.escape("it's"),
      own.escape(date),
      own.escapeId('a.b'),
      own.format('? ??', [{ a: 1 }, 'b']),
    ]
  },
  'the options that the pool shows': async ({ pool }) => {
    const show = (own: Pool): unknown => {
      const { connectionConfig, ...rest } = own.config as unknown as Record<string, unknown>
      const { host, port, database } = connectionConfig as Record<string, unknown>
      return [rest, typeof host, typeof port, typeof database]
    }
    const options = { connectionLimit: 4, maxIdle: 2, idleTimeout: 5000, queueLimit: 7 }
    return [show(pool()), show(pool(options)), show(pool({ connectionLimit: '3' as never }))]
  },
  'options in the URI': async ({ mysql, uri }) => {
    const pool = mysql.createPool(`${uri}?connectionLimit=3&dateStrings=true&timezone=Z`)
    const day = await rows(pool, "SELECT DATE '2026-01-02' AS day")
    const { connectionLimit } = pool.config
    await called((done) => pool.end(done as never))
    return [day, connectionLimit]
  },
  'lengths that monitoring reads': async ({ pool }) => {
    const own = pool({ connectionLimit: 1 })
    const { _allConnections, _freeConnections, _connectionQueue } = own as unknown as Record<
      string,
      { length: number }
    >
    const lengths = (): (number | undefined)[] =>
      [_allConnections, _freeConnections, _connectionQueue].map((queue) => queue?.length)
    const connection = await lent(own)
    const waiting = rows(own, 'SELECT 1')
    const held = lengths()
    connection.release()
    await waiting
    await waitFor(() => _freeConnections?.length === 1)
    return [held, lengths()]
  },
  'no connection is opened before the first use': async ({ pool }) => {
    const own = pool({ port: 1, host: '127.0.0.1' })
    return (own as unknown as { _allConnections: { length: number } })._allConnections.length
  },
  'end calls back, and once more': async ({ pool }) => {
    const own = pool()
    await rows(own, 'SELECT 1')
    const [first] = await called((done) => own.end(done as never))
    return first ?? 'ended'
  },
  'what a callback throws is an uncaught exception': async ({ pool }) => {
    const own = pool()
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const caught = once(process, 'uncaughtException')
    own.query('SELECT 1', () => {
      throw new Error('mine')
    })
    const [error] = (await caught) as [Error]
    for (const listener of listeners) process.on('uncaughtException', listener)
    return error.message
  },
  'a cluster of pools': async ({ mysql, uri }) => {
    const cluster = mysql.createPoolCluster()
    cluster.add('reader1', { uri })
    cluster.add('reader2', { uri })
    cluster.add('writer', uri)
    const [, connection] = await called((done) => cluster.getConnection('writer', done as never))
    const lentOne = connection as PoolConnection
    const direct = await rows(lentOne, 'SELECT 1 AS direct')
    lentOne.release()
    const readers = cluster.of('reader*')
    const [, queried] = await called((done) => readers.query('SELECT ? AS n', [2], done as never))
    const [, executed] = await called((done) =>
      readers.execute('SELECT ? AS n', [3], done as never),
    )
    const [missing] = await called((done) => cluster.getConnection('nobody', done as never))
    await called((done) => cluster.end(done as never))
    return [direct, queried, executed, essence(missing)]
  },
  'a cluster leaves a server that is not there': async ({ mysql, uri }) => {
    const cluster = mysql.createPoolCluster({ removeNodeErrorCount: 1 })
    const removed: string[] = []
    cluster.on('remove', (node) => removed.push(node))
    cluster.on('warn', () => {})
    cluster.add('a', { host: '127.0.0.1', port: 1 })
    cluster.add('b', { uri })
    const [, connection] = await called((done) =>
      cluster.getConnection('*', 'ORDER', done as never),
    )
    const answer = await rows(connection as PoolConnection, 'SELECT 1 AS there')
    ;(connection as PoolConnection).release()
    await called((done) => cluster.end(done as never))
    return [answer, removed]
  },
  'a cluster of promises': async ({ promise, uri }) => {
    const cluster = promise.createPoolCluster()
    cluster.add('one', { uri })
    const connection = await cluster.getConnection('one')
    const [held] = await connection.query('SELECT 1 AS held')
    connection.release()
    const [queried] = await cluster.of('*').query('SELECT 2 AS n')
    const other = await cluster.of('*').getConnection()
    const formatted = other.format('?', [1])
    other.release()
    await cluster.end()
    return [held, queried, formatted]
  },
}

for (const [name, observe] of Object.entries(SAME)) {
  void t.test(name, async (t) => {
    t.strictSame(await look('lifeguard', observe), await look('mysql2', observe))
  })
}

const store = new AsyncLocalStorage<string>()

interface Difference {
  readonly observe: (side: Side) => Promise<unknown>
  readonly mysql2: unknown
  readonly lifeguard: unknown
}

/** What is meant to differ, with both sides as they are. The README of the package gives the reasons. */
const DIFFERENCES: Record<string, Difference> = {
  'a session is clean when it is lent': {
    observe: async ({ pool }) => {
      const own = pool({ connectionLimit: 1 })
      await rows(own, "SET @secret = 'of the first', SESSION sql_mode = ''")
      return await rows(own, 'SELECT @secret AS secret')
    },
    mysql2: [{ secret: 'of the first' }],
    lifeguard: [{ secret: null }],
  },
  'what was not committed is rolled back': {
    observe: async ({ pool }) => {
      const own = pool({ connectionLimit: 1 })
      await rows(own, 'CREATE TABLE item (id INT PRIMARY KEY)')
      const forgetful = await lent(own)
      await called((done) => forgetful.beginTransaction(done as never))
      await rows(forgetful, 'INSERT INTO item VALUES (1)')
      forgetful.release()
      return await rows(own, 'SELECT * FROM item')
    },
    mysql2: [{ id: 1 }],
    lifeguard: [],
  },
  'a connection is dead after its release': {
    observe: async ({ pool }) => {
      const connection = await lent(pool())
      connection.release()
      const [error, result] = await called((done) =>
        connection.query('SELECT 1 AS late', done as never),
      )
      return error ?? result
    },
    mysql2: [{ late: 1 }],
    lifeguard: { code: 'ERR_LEASE_RELEASED' },
  },
  'waiting has an end': {
    observe: async ({ pool }) => {
      const own = pool({ connectionLimit: 1, ...acquireTimeout(1000) })
      const connection = await lent(own)
      const waiting = called((done) => own.query('SELECT 1', done as never))
      const limit = new Promise((resolve) => setTimeout(resolve, 2500, ['it waits for ever']))
      const [answer] = (await Promise.race([waiting, limit])) as unknown[]
      connection.release()
      return answer
    },
    mysql2: 'it waits for ever',
    lifeguard: { code: 'ERR_ACQUIRE_TIMEOUT' },
  },
  'errors of the pool have a code': {
    observe: async ({ pool }) => {
      const full = pool({ connectionLimit: 1, queueLimit: 1 })
      const connection = await lent(full)
      const queued = rows(full, 'SELECT 1')
      const [tooMany] = await called((done) => full.getConnection(done as never))
      connection.release()
      await queued
      const impatient = pool({ connectionLimit: 1, waitForConnections: false })
      const held = await lent(impatient)
      const [none] = await called((done) => impatient.getConnection(done as never))
      held.release()
      await called((done) => full.end(done as never))
      const [closed] = await called((done) => full.getConnection(done as never))
      return [tooMany, none, closed].map(
        (error) => (error as NodeJS.ErrnoException).code ?? error?.message,
      )
    },
    mysql2: ['Queue limit reached.', 'No connections available.', 'Pool is closed.'],
    lifeguard: ['ERR_QUEUE_FULL', 'ERR_QUEUE_FULL', 'ERR_POOL_CLOSED'],
  },
  'a server that is not there is asked again until time is up': {
    observe: async ({ pool }) => {
      const own = pool({ host: '127.0.0.1', port: 1, ...acquireTimeout(400) })
      const [error] = await called((done) => own.query('SELECT 1', done as never))
      const { code, cause } = error as NodeJS.ErrnoException
      return [code, (cause as NodeJS.ErrnoException | undefined)?.code]
    },
    mysql2: ['ECONNREFUSED', undefined],
    lifeguard: ['ERR_ACQUIRE_TIMEOUT', 'ECONNREFUSED'],
  },
  'a callback keeps its async context': {
    observe: async ({ pool }) => {
      const own = pool({ connectionLimit: 1 })
      const opener = await store.run('opener', () => lent(own))
      const waiter = store.run('waiter', () =>
        called((done) =>
          own.getConnection(((error: Error | null, connection: unknown) => {
            done(...([error, connection, store.getStore()] as never[]))
          }) as never),
        ),
      )
      store.run('releaser', () => opener.release())
      const [, connection, lentIn] = await waiter
      ;(connection as PoolConnection).release()
      const queriedIn = await store.run(
        'asker',
        () =>
          new Promise((resolve) => {
            own.query('SELECT 1', () => resolve(store.getStore()))
          }),
      )
      const streamedIn = await store.run(
        'reader',
        () =>
          new Promise((resolve) => {
            own
              .query('SELECT 1')
              .stream()
              .on('data', () => resolve(store.getStore()))
          }),
      )
      return [lentIn, queriedIn, streamedIn]
    },
    mysql2: ['releaser', 'opener', 'opener'],
    lifeguard: ['waiter', 'asker', 'reader'],
  },
  '`release` comes with every release': {
    observe: async ({ pool }) => {
      const own = pool({ connectionLimit: 1 })
      let [acquired, released] = [0, 0]
      own.on('acquire', () => acquired++)
      own.on('release', () => released++)
      await Promise.all([1, 2, 3].map(() => rows(own, 'SELECT 1')))
      await waitFor(() => released > 0)
      return [acquired, released]
    },
    mysql2: [1, 1],
    lifeguard: [3, 3],
  },
  'the end of the pool waits for work under way': {
    observe: async ({ pool }) => {
      const own = pool()
      const connection = await lent(own)
      const ended = called((done) => own.end(done as never))
      const [error] = await called((done) => connection.query('SELECT 1', done as never))
      connection.release()
      await ended
      return error?.message ?? 'done'
    },
    mysql2: "Can't add new command when connection is in closed state",
    lifeguard: 'done',
  },
  'a statement that takes too long is ended at the server': {
    observe: async ({ pool, database }) => {
      const own = pool({ connectionLimit: 1 })
      const [error] = await called((done) =>
        own.query({ sql: 'SELECT SLEEP(5)', timeout: 50 }, done as never),
      )
      const other = pool()
      let running: unknown
      const isOver = async (): Promise<boolean> => {
        const [row] = (await rows(
          other,
          `SELECT COUNT(*) AS running FROM information_schema.processlist WHERE db = ? AND info LIKE 'SELECT SLEEP(5)'`,
          [database.name],
        )) as { running: number }[]
        running = Number(row?.running)
        return running === 0
      }
      // A statement is listed for a moment after its answer.
      await waitFor(isOver, { timeout: 1000 }).catch(() => {})
      return [(error as NodeJS.ErrnoException).code, running]
    },
    mysql2: ['PROTOCOL_SEQUENCE_TIMEOUT', 1],
    lifeguard: ['ERR_STATEMENT_TIMEOUT', 0],
  },
  'the end of a connection is its release, without a warning': {
    observe: async ({ pool }) => {
      const own = pool({ connectionLimit: 1 })
      const warnings: unknown[] = []
      const { warn } = console
      console.warn = (...args) => warnings.push(args[0])
      const connection = await lent(own)
      connection.end()
      console.warn = warn
      return [warnings.length, await rows(own, 'SELECT 1 AS free')]
    },
    mysql2: [1, [{ free: 1 }]],
    lifeguard: [0, [{ free: 1 }]],
  },
  'a connection is a handle on the real one': {
    observe: async ({ pool, mysql }) => {
      const connection = await lent(pool())
      const inner = connection as unknown as { stream?: unknown }
      const told = [connection instanceof mysql.PoolConnection, inner.stream !== undefined]
      connection.release()
      return told
    },
    mysql2: [true, true],
    lifeguard: [false, false],
  },
  '`idleTimeout` is kept without `maxIdle`': {
    observe: async ({ pool }) => {
      const own = pool({ idleTimeout: 50 })
      await rows(own, 'SELECT 1')
      const { _freeConnections } = own as unknown as { _freeConnections: { length: number } }
      return await waitFor(() => _freeConnections.length === 0, { timeout: 1500 }).then(
        () => 'closed',
        () => 'kept',
      )
    },
    mysql2: 'kept',
    lifeguard: 'closed',
  },
  'a secret in a broken URI is not told': {
    observe: async ({ mysql }) => {
      try {
        mysql.createPool('mysql://app:canary@[nonsense/shop')
      } catch (error) {
        return JSON.stringify({ ...(error as object), message: String(error) }).includes('canary')
      }
      return 'accepted'
    },
    mysql2: true,
    lifeguard: false,
  },
}

/** An option that mysql2 does not have, and warns of. */
function acquireTimeout(ms: number): object {
  return { acquireTimeout: ms }
}

const README = readFileSync(fileURLToPath(new URL('../../../README.md', import.meta.url)), 'utf8')

void t.test('the README lists every difference', async (t) => {
  const listed = [...README.matchAll(/^- \*\*(.*?)\.?\*\*/gm)].map(([, title]) => title)
  t.strictSame(new Set(listed), new Set(Object.keys(DIFFERENCES)))
})

for (const [name, { observe, ...expected }] of Object.entries(DIFFERENCES)) {
  void t.test(`meant to differ: ${name}`, async (t) => {
    t.match(await look('mysql2', observe), expected.mysql2, 'mysql2')
    t.match(await look('lifeguard', observe), expected.lifeguard, 'lifeguard')
  })
}
