import {
  adminQuery,
  createDatabase,
  openTransactions,
  serverStatus,
  sharedDatabase,
  threadsConnected,
  waitFor,
} from '@lifeguard/test-kit'
import { createConnection } from 'mysql2/promise'
import t from 'tap'

void t.test('connections and transactions', async (t) => {
  const server = await sharedDatabase()
  const database = await createDatabase(server)
  await adminQuery(server, `CREATE TABLE ${database.name}.t (n INT)`)
  t.teardown(() => database.drop())

  t.equal(await threadsConnected(server, database.name), 0)
  t.equal(await openTransactions(server, database.name), 0)

  const connection = await createConnection({ uri: database.uri })
  t.equal(await threadsConnected(server, database.name), 1)
  t.ok((await threadsConnected(server)) >= 1)
  t.ok((await serverStatus(server, 'Threads_connected')) >= 2)
  await t.rejects(serverStatus(server, 'No_such_thing'), { message: /No_such_thing/ })

  await connection.query('START TRANSACTION')
  await connection.query('INSERT INTO t VALUES (1)')
  t.equal(await openTransactions(server, database.name), 1)
  t.ok((await openTransactions(server)) >= 1)
  await connection.query('ROLLBACK')
  t.equal(await openTransactions(server, database.name), 0, 'not from the cache')

  await connection.end()
  await waitFor(async () => (await threadsConnected(server, database.name)) === 0)
})
