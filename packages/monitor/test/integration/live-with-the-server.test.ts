import { canStartServers, createDatabase, startDatabase } from '@lifeguard/test-kit'
import t from 'tap'

import { runtimeFolder } from '../support/command.ts'
import { canOpenTerminal, openTerminal } from '../support/pseudo-terminal.ts'
import { startService } from '../support/start-service.ts'

const skip = canOpenTerminal() ? false : 'no script(1) here'
const ESCAPE = '\u001b'

void t.test('how full it is, whose its connections are, and what runs', { skip }, async (t) => {
  const folder = runtimeFolder(t)
  const service = await startService(t, folder)
  service.tell('slow')
  const args = ['monitor', '--watch', '--interval', '0.2', '--db']
  const env = { LIFEGUARD_RUNTIME_DIR: folder, DATABASE_URL: service.uri }
  const terminal = openTerminal(t, args, env)
  await terminal.until(/^SERVER \S+:\d+ .* \d+\/\d+, at most \d+ so far/m)
  terminal.type('d')
  await terminal.until(/^CONNECTIONS {2}OF$[^]*^ +1 {2}shop, lent$[^]*emails send +SELECT SLEEP/m)
  terminal.type(ESCAPE)
  await terminal.until(/tab pools/)
  terminal.type('q')
  t.equal(await terminal.ended, 0)
})

const skipFrozen = skip || (canStartServers() ? false : 'no database server can be started here')

void t.test('a server that hangs holds up nobody', { skip: skipFrozen }, async (t) => {
  const server = await startDatabase()
  const database = await createDatabase(server)
  const folder = runtimeFolder(t)
  await startService(t, folder, 'shop', database.uri)
  t.teardown(() => server.stop())
  const env = { LIFEGUARD_RUNTIME_DIR: folder, DATABASE_URL: server.uri() }
  const terminal = openTerminal(t, ['monitor', '--watch', '--interval', '0.2', '--db'], env)
  await terminal.until(/● all is well[^]*^SERVER /m)
  server.pause()
  await terminal.until(/✖ 127\.0\.0\.1:\d+: does not answer within 3000 ms/)
  terminal.type('q')
  t.equal(await terminal.ended, 0)
  server.resume()
})
