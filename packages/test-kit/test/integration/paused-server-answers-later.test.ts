import { setTimeout as sleep } from 'node:timers/promises'

import { adminQuery, canStartServers, startDatabase } from '@lifeguard/test-kit'
import t from 'tap'

void t.test('a paused server is silent, not gone', { skip: !canStartServers() }, async (t) => {
  const server = await startDatabase()
  t.teardown(() => server.stop())
  server.pause()
  let answered = false
  const answer = adminQuery(server, 'SELECT 1 AS one').finally(() => (answered = true))
  await sleep(150)
  t.notOk(answered)
  server.resume()
  t.strictSame(await answer, [{ one: 1 }])
})
