import {
  adminQuery,
  createDatabase,
  openTransactions,
  serverStatus,
  startDatabase,
  threadsConnected,
  waitFor,
} from '@lifeguard/test-kit'
import { createConnection } from 'mysql2/promise'
import t from 'tap'

void t.test('connections and transactions', async (t) => {
  // Its own: others who look at the shared one would keep its list of transactions stale.
  const server = await startDatabase()
  const database = await createDatabase(server)
  await adminQuery(server, `CREATE TABLE ${database.name}.t (n INT)`)
  t.teardown(() => server.stop())

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
