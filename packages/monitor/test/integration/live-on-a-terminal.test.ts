import t from 'tap'

import { runtimeFolder } from '../support/command.ts'
import { canOpenTerminal, openTerminal } from '../support/pseudo-terminal.ts'
import { startService } from '../support/start-service.ts'

const skip = canOpenTerminal() ? false : 'no script(1) here'
const ESCAPE = '\u001b'
const ENTER = '\r'

void t.test('the screen follows what happens, and the keys', { skip }, async (t) => {
  const folder = runtimeFolder(t)
  const service = await startService(t, folder)
  const terminal = openTerminal(t, ['monitor', '--watch', '--interval', '0.2'], {
    LIFEGUARD_RUNTIME_DIR: folder,
  })
  await terminal.until(/● all is well[^]*Nobody holds a connection/)
  service.tell('stuck', 'slow')
  const overview = await terminal.until(/▲ 2 warnings/)
  t.match(overview.join('\n'), /POST \/stuck +in transaction/)
  t.match(overview.join('\n'), /emails send +runs/)
  t.match(overview.at(-1), /^q quit/)

  terminal.type('ss')
  await terminal.until(/s sort: state/)
  terminal.type('s')
  await terminal.until(/s sort: held/)
  await terminal.until(/^❯ .*POST \/stuck/m)
  terminal.type(ENTER)
  await terminal.until(
    /^POST \/stuck$[^]*^statement +UPDATE item SET name = \? WHERE id = \?$[^]*→/m,
  )
  terminal.type(ESCAPE)
  await terminal.until(/tab pools/)
  terminal.type('j')
  await terminal.until(/^❯ .*emails send/m)
  terminal.type('\t')
  await terminal.until(/^❯ +shop/m)
  terminal.type(ENTER)
  await terminal.until(/SINCE THE START +P50[^]*settings +min 1, max 5/)
  terminal.type('?')
  await terminal.until(/A POOL lends CONNECTIONS/)
  terminal.type('?p')
  await terminal.until(/paused/)
  terminal.type('q')
  t.equal(await terminal.ended, 0)
  t.notMatch(terminal.screen().join('\n'), 'q quit', 'what was on the screen before is there again')
})

void t.test('who waits for a connection, on the page of its pool', { skip }, async (t) => {
  const folder = runtimeFolder(t)
  const service = await startService(t, folder)
  service.tell('leak', 'leak', 'leak', 'leak', 'leak', 'wait')
  const terminal = openTerminal(t, ['monitor', '--watch', '--interval', '0.2'], {
    LIFEGUARD_RUNTIME_DIR: folder,
  })
  await terminal.until(/1 critical/)
  terminal.type(`\t${ENTER}`)
  await terminal.until(/^WAITING +LONGEST +WHO[^]*^ +1 .*GET \/waits/m)
  terminal.type('q')
  t.equal(await terminal.ended, 0)
})

void t.test('it ends with Ctrl-C', { skip }, async (t) => {
  const folder = runtimeFolder(t)
  const terminal = openTerminal(t, ['monitor', '--watch'], { LIFEGUARD_RUNTIME_DIR: folder })
  await terminal.until(/0 processes/)
  terminal.type('\u0003')
  t.equal(await terminal.ended, 0)
})

void t.test('a small screen shows what it can', { skip }, async (t) => {
  const folder = runtimeFolder(t)
  const service = await startService(t, folder)
  service.tell('slow')
  const size = { cols: 40, rows: 10 }
  const args = ['monitor', '--watch', '--interval', '0.2', '--slow', '0.1']
  const terminal = openTerminal(t, args, { LIFEGUARD_RUNTIME_DIR: folder }, size)
  const screen = await terminal.until(/emails send/)
  t.equal(screen.length, 10)
  terminal.type('q')
  t.equal(await terminal.ended, 0)
})
