import { createPool, type Pool } from '@lifeguard/mysql2'
import { sharedDatabase } from '@lifeguard/test-kit'
import { type Generated, Kysely, MysqlDialect, type MysqlDialectConfig, sql } from 'kysely'
import t from 'tap'

import { nothingIsLeft, type Orm, ormContract, type OrmOptions } from './support/orm/contract.ts'

interface Database {
  item: { id: Generated<number>; name: string }
}

function over(pool: Pool, config?: Partial<MysqlDialectConfig>): Kysely<Database> {
  return new Kysely<Database>({ dialect: new MysqlDialect({ pool, ...config }) })
}

function open({ uri, max, acquireTimeout }: OrmOptions): Orm {
  const pool = createPool({ uri, max, acquireTimeout })
  const db = over(pool)
  return {
    pool: pool.lifeguard,
    create: (name) => db.insertInto('item').values({ name }).execute(),
    find: (name) => db.selectFrom('item').selectAll().where('name', '=', name).executeTakeFirst(),
    rename: (from, to) =>
      db.updateTable('item').set({ name: to }).where('name', '=', from).execute(),
    remove: (name) => db.deleteFrom('item').where('name', '=', name).execute(),
    list: async () => {
      const items = await db.selectFrom('item').select('name').orderBy('id').execute()
      return items.map(({ name }) => name)
    },
    createAll: (names, fail) =>
      db.transaction().execute(async (trx) => {
        for (const name of names) await trx.insertInto('item').values({ name }).execute()
        if (fail) throw fail
      }),
    async *stream() {
      for await (const { name } of db.selectFrom('item').select('name').stream()) yield name
    },
    forget: async (name) => {
      const trx = await db.startTransaction().execute()
      await trx.insertInto('item').values({ name }).execute()
    },
    close: () => db.destroy(),
  }
}

ormContract(t, open)

void t.test('a hook that throws keeps the connection, and the scope takes it back', async (t) => {
  const pool = createPool({ uri: (await sharedDatabase()).uri('mysql'), max: 2 })
  t.teardown(() => pool.lifeguard.end({ deadline: 100 }))
  const db = over(pool, { onReserveConnection: () => Promise.reject(new Error('no')) })
  for (let i = 0; i < 5; i++) {
    const asked = pool.lifeguard.scope({}, () => sql`SELECT 1`.execute(db))
    await t.rejects(asked, { message: 'no' })
  }
  nothingIsLeft(t, pool.lifeguard)
})

void t.test('what is set up for a new connection holds for every use', async (t) => {
  const pool = createPool({ uri: (await sharedDatabase()).uri('mysql'), max: 1 })
  t.teardown(() => pool.lifeguard.end({ deadline: 100 }))
  const db = over(pool, {
    onCreateConnection: async (connection) => {
      await connection.executeQuery(sql`SET time_zone = '+03:00'`.compile(db))
    },
  })
  for (let i = 0; i < 3; i++) {
    const { rows } = await sql<{ zone: string }>`SELECT @@time_zone AS zone`.execute(db)
    t.equal(rows[0]?.zone, '+03:00')
  }
})
