import { adminQuery, createDatabase, sharedDatabase, waitFor } from '@lifeguard/test-kit'
import t from 'tap'

import { lifeguard, runtimeFolder } from '../support/command.ts'
import { openTerminal } from '../support/pseudo-terminal.ts'
import { startService } from '../support/start-service.ts'

/** The password, the values and the literals of the service begin with it. */
const CANARY = 'canary'

void t.test('no password, no value and no literal, wherever one looks', async (t) => {
  const server = await sharedDatabase()
  const database = await createDatabase(server)
  const user = `u_${database.name.slice(-12)}`
  await adminQuery(server, `CREATE USER '${user}'@'%' IDENTIFIED BY '${CANARY}-password'`)
  await adminQuery(server, `GRANT ALL ON *.* TO '${user}'@'%'`)
  t.teardown(async () => {
    await adminQuery(server, `DROP USER '${user}'@'%'`)
    await database.drop()
  })
  const { host } = new URL(database.uri)
  const uri = `mysql://${user}:${CANARY}-password@${host}/${database.name}`
  const folder = runtimeFolder(t)
  const service = await startService(t, folder, 'shop', uri)
  service.tell('stuck')
  const env = { LIFEGUARD_RUNTIME_DIR: folder, DATABASE_URL: uri }
  await waitFor(async () => (await lifeguard(['monitor'], env)).out.includes('POST /stuck'))
  service.tell('slow', 'blocked', 'leak', 'wait')
  await waitFor(async () =>
    /lock-wait/.test((await lifeguard(['monitor', '--json', '--db'], env)).out),
  )

  const commands = [
    ['monitor'],
    ['monitor', '--db'],
    ['monitor', '--json', '--db'],
    ['monitor', '--db', uri],
    ['doctor'],
    ['doctor', '--json'],
    ['load', `http://127.0.0.1:1/${user}?${CANARY}`, '--db'],
  ]
  for (const args of commands) {
    const { out, err } = await lifeguard(args, env)
    t.notMatch(out + err, CANARY, args.join(' ').replace(uri, 'URL'))
    t.ok(out + err)
  }
  const terminal = openTerminal(t, ['monitor', '--watch', '--db'], env, { cols: 160, rows: 50 })
  t.notMatch((await terminal.until(/has a lock/)).join('\n'), CANARY)
  terminal.type('\r')
  t.notMatch((await terminal.until(/at the server/)).join('\n'), CANARY)
  terminal.type('q')
  await terminal.ended
})
