// A service with faults, as `node service.js NAME`: what it is told on its input, it does.
import { createInterface } from 'node:readline'

import { createPool } from '@lifeguard/core'

const uri = process.env['DATABASE_URL']!
const pool = createPool({ uri, name: process.argv[2] ?? 'shop', min: 1, max: 5 })

const FAULTS: Record<string, () => Promise<unknown>> = {
  leak: () => pool.acquire({ label: 'GET /leak' }),
  stuck: async () => {
    const lease = await pool.acquire({ label: 'POST /stuck' })
    await lease.query('START TRANSACTION')
    await lease.query("UPDATE item SET name = 'canary-literal' WHERE id = 1")
  },
  slow: () =>
    pool.use((lease) => lease.query("SELECT SLEEP(600), 'canary-literal' FROM item"), {
      label: 'emails send',
    }),
  blocked: () =>
    pool.use((lease) => lease.query('UPDATE item SET name = ? WHERE id = 1', ['canary-value']), {
      label: 'PUT /blocked',
    }),
  alter: () =>
    pool.use((lease) => lease.query('ALTER TABLE item ADD COLUMN price INT'), { label: 'deploy' }),
  wait: () => pool.acquire({ label: 'GET /waits' }),
  block: async () => {
    for (;;);
  },
}

await pool.query('CREATE TABLE IF NOT EXISTS item (id INT PRIMARY KEY, name VARCHAR(50))')
await pool.query("INSERT IGNORE INTO item VALUES (1, 'buoy')")
console.log('ready')
for await (const fault of createInterface({ input: process.stdin })) {
  void FAULTS[fault]!().catch(() => {})
}
process.exit()
