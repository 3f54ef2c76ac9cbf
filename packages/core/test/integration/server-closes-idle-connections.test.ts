import { createPool } from '@lifeguard/core'
import { canStartServers, startDatabase, waitFor } from '@lifeguard/test-kit'
import t from 'tap'

const skip = canStartServers() ? false : 'cannot start servers here'

void t.test(
  'a connection that the server closed for idleness is never lent',
  { skip },
  async (t) => {
    const server = await startDatabase({ waitTimeout: 1 })
    const pool = createPool({ uri: server.uri('mysql'), min: 0, max: 3 })
    t.teardown(async () => {
      await pool.end()
      await server.stop()
    })
    await pool.warm(3)
    await waitFor(() => pool.stats().evicted['connection lost'] === 3)
    const [rows] = await pool.query('SELECT 1 AS one')
    t.same(rows, [{ one: 1 }])
  },
)
