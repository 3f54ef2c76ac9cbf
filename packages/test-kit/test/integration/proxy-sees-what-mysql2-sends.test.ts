import { Command, sharedDatabase, startFaultProxy } from '@lifeguard/test-kit'
import { createConnection } from 'mysql2/promise'
import t from 'tap'

void t.test('every command, and the handshake not', async (t) => {
  const proxy = await startFaultProxy(await sharedDatabase())
  t.teardown(() => proxy.stop())
  const connection = await createConnection({ uri: proxy.uri() })
  t.strictSame(proxy.commands, [], 'the handshake is no command')

  await connection.query('SELECT 1')
  await connection.ping()
  await connection.execute('SELECT ?', [1])
  t.strictSame(proxy.commands, [
    { connection: 1, code: Command.query, text: 'SELECT 1' },
    { connection: 1, code: Command.ping, text: '' },
    { connection: 1, code: Command.prepare, text: 'SELECT ?' },
    { connection: 1, code: Command.execute, text: '' },
  ])
  t.equal(proxy.writes, 4)

  proxy.clearCommands()
  t.strictSame(proxy.commands, [])
  t.equal(proxy.writes, 0)
  await connection.end()
})
