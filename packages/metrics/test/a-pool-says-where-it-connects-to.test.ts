import { createPool, type PoolOptions } from '@lifeguard/core'
import { prometheusMetrics } from '@lifeguard/metrics'
import { Registry } from 'prom-client'
import t from 'tap'

import { scrape } from './support/exposition.ts'

const TARGETS: readonly [PoolOptions, object][] = [
  [
    { host: 'db.example', database: 'shop' },
    { server_address: 'db.example', server_port: '3306', db_namespace: 'shop' },
  ],
  [
    { uri: 'mysql://user:secret@db.example:3307/my%20shop' },
    { server_address: 'db.example', server_port: '3307', db_namespace: 'my shop' },
  ],
  [{ uri: 'mysql://[::1]:3307' }, { server_address: '::1', server_port: '3307' }],
  [{ host: 'fe80::1' }, { server_address: 'fe80::1', server_port: '3306' }],
  [{ socketPath: '/run/mysql:1' }, { server_address: '/run/mysql:1' }],
]

for (const [options, labels] of TARGETS) {
  void t.test(JSON.stringify(labels), async (t) => {
    const pool = createPool({ ...options, name: 'a "b" \\ c', min: 0 })
    t.teardown(() => pool.end())
    const registry = new Registry()
    prometheusMetrics({ registry })
    const samples = await scrape(registry)
    t.same(samples.find(({ name }) => name === 'db_client_connection_max')!.labels, {
      db_client_connection_pool_name: 'a \\"b\\" \\\\ c',
      db_system_name: 'mysql',
      ...labels,
    })
  })
}
