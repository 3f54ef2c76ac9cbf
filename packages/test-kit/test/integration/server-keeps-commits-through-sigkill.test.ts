import { adminQuery, canStartServers, createDatabase, startDatabase } from '@lifeguard/test-kit'
import t from 'tap'

void t.test('data, port and name are the same', { skip: !canStartServers() }, async (t) => {
  const server = await startDatabase()
  t.teardown(() => server.stop())
  const database = await createDatabase(server)
  await adminQuery(server, `CREATE TABLE ${database.name}.facts (n INT)`)
  await adminQuery(server, `INSERT INTO ${database.name}.facts VALUES (1)`)

  await server.kill()
  t.notOk(server.running)
  await t.rejects(adminQuery(server, 'SELECT 1'), { code: 'ECONNREFUSED' })

  await server.restart()
  t.ok(server.running)
  t.strictSame(await adminQuery(server, `SELECT n FROM ${database.name}.facts`), [{ n: 1 }])

  await server.shutdown()
  await server.restart()
  t.strictSame(await adminQuery(server, `SELECT n FROM ${database.name}.facts`), [{ n: 1 }])
})
