import { createSequelize } from '@lifeguard/mysql2/sequelize'
import { DataTypes, type Model, Sequelize } from 'sequelize'
import t from 'tap'

import { type Orm, ormContract, type OrmOptions } from './support/orm/contract.ts'

interface Item {
  id: number
  name: string
}

function open({ uri, max, acquireTimeout }: OrmOptions): Orm {
  const { sequelize, pool } = createSequelize(
    Sequelize,
    { uri, max, acquireTimeout },
    { logging: false },
  )
  const Item = sequelize.define<Model<Item, { name: string }> & Item>(
    'item',
    {
      id: { type: DataTypes.INTEGER, autoIncrement: true, primaryKey: true },
      name: DataTypes.STRING(40),
    },
    { timestamps: false, freezeTableName: true },
  )
  return {
    pool: pool.lifeguard,
    create: (name) => Item.create({ name }),
    find: async (name) => (await Item.findOne({ where: { name } }))?.get(),
    rename: (from, to) => Item.update({ name: to }, { where: { name: from } }),
    remove: (name) => Item.destroy({ where: { name } }),
    list: async () => (await Item.findAll({ order: ['id'] })).map(({ name }) => name),
    createAll: (names, fail) =>
      sequelize.transaction(async (transaction) => {
        for (const name of names) await Item.create({ name }, { transaction })
        if (fail) throw fail
      }),
    forget: async (name) => {
      const transaction = await sequelize.transaction()
      await Item.create({ name }, { transaction })
    },
    close: () => sequelize.close(),
  }
}

ormContract(t, open)
