import * as mysql from '@lifeguard/mysql2'
import t from 'tap'
import { DataSource, EntitySchema } from 'typeorm'

import { type Orm, ormContract, type OrmOptions } from './support/orm/contract.ts'

interface Item {
  id: number
  name: string
}

const Item = new EntitySchema<Item>({
  name: 'item',
  columns: {
    id: { type: Number, primary: true, generated: true },
    name: { type: String, length: 40 },
  },
})

async function open({ uri, max, acquireTimeout }: OrmOptions): Promise<Orm> {
  const source = new DataSource({
    type: 'mysql',
    url: uri,
    driver: mysql,
    poolSize: max,
    acquireTimeout,
    entities: [Item],
  })
  await source.initialize()
  const { pool } = source.driver as unknown as { pool: mysql.Pool }
  const items = source.getRepository(Item)
  return {
    pool: pool.lifeguard,
    create: (name) => items.save({ name }),
    find: async (name) => (await items.findOneBy({ name })) ?? undefined,
    rename: (from, to) => items.update({ name: from }, { name: to }),
    remove: (name) => items.delete({ name }),
    list: async () => (await items.find({ order: { id: 'ASC' } })).map(({ name }) => name),
    createAll: (names, fail) =>
      source.transaction(async (manager) => {
        for (const name of names) await manager.insert(Item, { name })
        if (fail) throw fail
      }),
    async *stream() {
      const rows = await items.createQueryBuilder('item').select('item.name', 'name').stream()
      for await (const row of rows) yield (row as unknown as Item).name
    },
    forget: async (name) => {
      const runner = source.createQueryRunner()
      await runner.startTransaction()
      await runner.manager.insert(Item, { name })
    },
    close: () => source.destroy(),
  }
}

ormContract(t, open)
