import { createPool } from '@lifeguard/mysql2'
import { asc, eq } from 'drizzle-orm'
import { int, mysqlTable, varchar } from 'drizzle-orm/mysql-core'
import { drizzle } from 'drizzle-orm/mysql2'
import t from 'tap'

import { type Orm, ormContract, type OrmOptions } from './support/orm/contract.ts'

const item = mysqlTable('item', {
  id: int().autoincrement().primaryKey(),
  name: varchar({ length: 40 }).notNull(),
})

function open({ uri, max, acquireTimeout }: OrmOptions): Orm {
  const pool = createPool({ uri, max, acquireTimeout })
  const db = drizzle({ client: pool })
  return {
    pool: pool.lifeguard,
    create: (name) => db.insert(item).values({ name }),
    find: async (name) => (await db.select().from(item).where(eq(item.name, name)))[0],
    rename: (from, to) => db.update(item).set({ name: to }).where(eq(item.name, from)),
    remove: (name) => db.delete(item).where(eq(item.name, name)),
    list: async () => {
      const items = await db.select({ name: item.name }).from(item).orderBy(asc(item.id))
      return items.map(({ name }) => name)
    },
    createAll: (names, fail) =>
      db.transaction(async (tx) => {
        for (const name of names) await tx.insert(item).values({ name })
        if (fail) throw fail
      }),
    async *stream() {
      for await (const { name } of db.select().from(item).prepare().iterator()) yield name
    },
    // It takes the connection before its `try`, so that a BEGIN that fails leaves it out.
    forget: () =>
      db.transaction(async () => {}, { isolationLevel: 'nonsense' as never }).catch(() => {}),
    close: () => pool.promise().end(),
  }
}

ormContract(t, open)
