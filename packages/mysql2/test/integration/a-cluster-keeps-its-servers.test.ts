import { createPoolCluster } from '@lifeguard/mysql2'
import { sharedDatabase } from '@lifeguard/test-kit'
import type { PoolCluster, PoolConnection, PoolOptions } from 'mysql2'
import t, { type Test } from 'tap'

function freshCluster(t: Test): { cluster: PoolCluster; removed: string[] } {
  const cluster = createPoolCluster()
  const removed: string[] = []
  cluster.on('remove', (node: string) => removed.push(node))
  t.teardown(() => new Promise((resolve) => cluster.end(resolve)))
  return { cluster, removed }
}

function lend(cluster: PoolCluster): Promise<PoolConnection> {
  return new Promise((resolve, reject) => {
    cluster.getConnection('one', (error, connection) =>
      error ? reject(error) : resolve(connection),
    )
  })
}

void t.test('a pool that is busy is no server that is away', async (t) => {
  const { cluster, removed } = freshCluster(t)
  const options = {
    uri: (await sharedDatabase()).uri('mysql'),
    connectionLimit: 1,
    acquireTimeout: 600,
  }
  cluster.add('one', options as PoolOptions)
  const held = await lend(cluster)
  for (let i = 0; i < 6; i++) await t.rejects(lend(cluster), { code: 'ERR_ACQUIRE_TIMEOUT' })
  held.release()
  const next = await lend(cluster)
  next.release()
  t.strictSame(removed, [])
})

void t.test('a server whose options are wrong is not added', async (t) => {
  const { cluster } = freshCluster(t)
  t.throws(() => cluster.add('one', { uri: 'nonsense' }), { code: 'ERR_OPTIONS' })
  cluster.add('two', { uri: (await sharedDatabase()).uri('mysql') })
  await t.rejects(lend(cluster), { code: 'POOL_NOEXIST' })
})
