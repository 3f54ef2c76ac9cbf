import {
  adminQuery,
  canStartServers,
  createDatabase,
  sharedDatabase,
  startDatabase,
} from '@lifeguard/test-kit'
import { createConnection } from 'mysql2/promise'
import t from 'tap'

import { lifeguard, runtimeFolder } from '../support/command.ts'
import { startService } from '../support/start-service.ts'

const skip = canStartServers() ? false : 'no database server can be started here'

void t.test('the settings of the environment against a real server', { skip }, async (t) => {
  const server = await startDatabase({ maxConnections: 40 })
  t.teardown(() => server.stop())
  const env = { LIFEGUARD_RUNTIME_DIR: runtimeFolder(t), DATABASE_URL: server.uri() }
  const tooMany = await lifeguard(['doctor'], env)
  t.equal(tooMany.code, 3)
  t.match(tooMany.out, /No running process was found; .*\(DB_POOL_MAX\) for 1/)
  t.match(tooMany.out, /^ +51 {2}pool: 1 × \(max 50 \+ 1 to end statements with\)$/m)
  t.match(tooMany.out, /^ +40 {2}max_connections$/m)
  t.match(tooMany.out, /may open 51 connections, and max_connections is 40/)
  const suggested = /DB_POOL_MAX\) to (\d+)/.exec(tooMany.out)![1]!
  const enough = await lifeguard(['doctor'], { ...env, DB_POOL_MAX: suggested })
  t.match(enough.out, 'It fits')
  t.equal(enough.code, 0)
  const twice = await lifeguard(['doctor', '--processes', '2', '--json'], {
    ...env,
    DB_POOL_MAX: suggested,
  })
  t.match(JSON.parse(twice.out), { version: 1, fits: false, demands: [{ processes: 2 }] })
  t.equal(twice.code, 3)
})

void t.test('what runs counts before the environment', async (t) => {
  const folder = runtimeFolder(t)
  const service = await startService(t, folder, 'shop')
  await startService(t, folder, 'shop', service.uri)
  const env = { LIFEGUARD_RUNTIME_DIR: folder, DATABASE_URL: service.uri, DB_POOL_MAX: '999' }
  const { out } = await lifeguard(['doctor'], env)
  t.match(out, 'From 2 running processes.')
  t.match(out, /^ +12 {2}shop: 2 × \(max 5 \+ 1/m)
})

void t.test('processes elsewhere are asked for, and not counted twice', async (t) => {
  const folder = runtimeFolder(t)
  const service = await startService(t, folder, 'shop')
  const elsewhere = await Promise.all([1, 2, 3].map(() => createConnection(service.uri)))
  t.teardown(() => Promise.all(elsewhere.map((connection) => connection.end())))
  const env = { LIFEGUARD_RUNTIME_DIR: folder, DATABASE_URL: service.uri }
  const examined = async (...args: readonly string[]) => {
    const { out } = await lifeguard(['doctor', '--json', ...args], env)
    return JSON.parse(out) as { readonly basis: string }
  }
  const alone = await examined()
  t.equal(
    alone.basis,
    'From 1 running process. 3 more connections of the same user come from elsewhere: if from such pools, tell by --processes how many run in all.',
  )
  const all = await examined('--processes', '2')
  t.equal(all.basis, 'From 1 running process, as if there were 2.')
})

void t.test('a limit that an account has for itself', async (t) => {
  const server = await sharedDatabase()
  const database = await createDatabase(server)
  const user = `u_${database.name.slice(-12)}`
  await adminQuery(server, `CREATE USER '${user}'@'%' WITH MAX_USER_CONNECTIONS 5`)
  await adminQuery(server, `GRANT ALL ON ${database.name}.* TO '${user}'@'%'`)
  t.teardown(async () => {
    await adminQuery(server, `DROP USER '${user}'@'%'`)
    await database.drop()
  })
  const { host } = new URL(database.uri)
  const { out, code } = await lifeguard(['doctor', '--json'], {
    LIFEGUARD_RUNTIME_DIR: runtimeFolder(t),
    DATABASE_URL: `mysql://${user}@${host}/${database.name}`,
  })
  t.match(JSON.parse(out), { allowed: 5, allowedBy: 'max_user_connections', fits: false })
  t.equal(code, 3)
})

void t.test('wrong settings are named', async (t) => {
  const { err, code } = await lifeguard(['doctor'], { DB_POOL_MAX: 'many', DB_HOST: 'db' })
  t.match(err, 'DB_POOL_MAX: expected a whole number')
  t.equal(code, 2)
})
