import { createPool } from '@lifeguard/core'
import { canStartServers, startDatabase } from '@lifeguard/test-kit'
import t from 'tap'

const skip = canStartServers() ? false : 'cannot start servers here'

void t.test(
  'a server with fewer connections than the pool may have serves everybody all the same',
  { skip },
  async (t) => {
    const server = await startDatabase({ maxConnections: 10 })
    const pool = createPool({ uri: server.uri('mysql'), min: 0, max: 50, acquireTimeout: 20_000 })
    t.teardown(async () => {
      await pool.end()
      await server.stop()
    })
    const work = Array.from({ length: 300 }, () =>
      pool.use((lease) => lease.query('DO SLEEP(0.005)')),
    )
    const outcomes = await Promise.allSettled(work)
    t.equal(outcomes.filter(({ status }) => status === 'rejected').length, 0)
    t.ok(pool.stats().connectFailures > 0, 'the server did refuse some')
    t.ok(pool.stats().total <= 11)
  },
)
