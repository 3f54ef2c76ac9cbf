import { createPool } from '@lifeguard/mysql2'
import knexModule from 'knex'
import t from 'tap'

import { type Orm, ormContract, type OrmOptions } from './support/orm/contract.ts'

function open({ uri, max, acquireTimeout }: OrmOptions): Orm {
  const pool = createPool({ uri, max, acquireTimeout })
  const knex = knexModule({ client: 'mysql2', connectionPool: pool, log: { warn() {} } } as never)
  return {
    pool: pool.lifeguard,
    create: (name) => knex('item').insert({ name }),
    find: (name) => knex('item').where({ name }).first() as never,
    rename: (from, to) => knex('item').where({ name: from }).update({ name: to }),
    remove: (name) => knex('item').where({ name }).delete(),
    list: () => knex('item').orderBy('id').pluck('name'),
    createAll: (names, fail) =>
      knex.transaction(async (trx) => {
        for (const name of names) await trx('item').insert({ name })
        if (fail) throw fail
      }),
    async *stream() {
      const rows: AsyncIterable<{ name: string }> = knex('item').select('name').stream()
      for await (const { name } of rows) yield name
    },
    forget: async (name) => {
      const trx = await knex.transaction()
      await trx('item').insert({ name })
    },
    close: () => knex.destroy(),
  }
}

ormContract(t, open)
