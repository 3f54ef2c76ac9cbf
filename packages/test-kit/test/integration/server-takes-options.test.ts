import { adminQuery, canStartServers, startDatabase, testFlavor } from '@lifeguard/test-kit'
import t from 'tap'

void t.test('limits, charset and further arguments', { skip: !canStartServers() }, async (t) => {
  const server = await startDatabase({
    maxConnections: 17,
    waitTimeout: 33,
    latin1: true,
    args: ['--lock-wait-timeout=5'],
  })
  t.teardown(() => server.stop())
  t.equal(server.flavor, testFlavor())
  const [row] = await adminQuery(
    server,
    `SELECT @@max_connections AS connections, @@global.wait_timeout AS waits,
            @@global.collation_server AS collation, @@lock_wait_timeout AS locks, VERSION() AS version`,
  )
  t.match(row, { connections: 17, waits: 33, collation: 'latin1_swedish_ci', locks: 5 })
  t.equal(/mariadb/i.test(String(row?.['version'])), testFlavor() === 'mariadb')
})
