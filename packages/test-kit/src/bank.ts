import { adminQuery, createDatabase, type TestDatabase } from './admin.ts'
import { sharedDatabase } from './shared.ts'

/** A database with a table `account (id, balance)`: numbers 1 and 2 own 100 each. */
export interface Bank extends TestDatabase {
  /** As everybody else sees it: on a connection of its own. */
  balance(id: number): Promise<number>
}

export async function createBank(): Promise<Bank> {
  const server = await sharedDatabase()
  const database = await createDatabase(server, 'bank')
  const table = `${database.name}.account`
  await adminQuery(server, `CREATE TABLE ${table} (id INT PRIMARY KEY, balance INT NOT NULL)`)
  await adminQuery(server, `INSERT INTO ${table} VALUES (1, 100), (2, 100)`)
  return {
    ...database,
    async balance(id) {
      const rows = await adminQuery(server, `SELECT balance FROM ${table} WHERE id = ${id}`)
      return Number(rows[0]?.['balance'])
    },
  }
}
