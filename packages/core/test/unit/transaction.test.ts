import t from 'tap'

import type { Lease } from '#core/pool/lease.js'
import type { Transaction } from '#core/pool/transaction.js'
import type { IsolationLevel } from '#core/session/isolation.js'

import { fakePool } from '../support/fake-pool.ts'
import { rejection } from '../support/rejection.ts'

const START = 'START TRANSACTION'
const LEVELS: IsolationLevel[] = [
  'READ UNCOMMITTED',
  'READ COMMITTED',
  'REPEATABLE READ',
  'SERIALIZABLE',
]

async function start() {
  const { pool, clock, server } = fakePool()
  const lease: Lease = await pool.acquire({ label: 'GET /cart' })
  return { pool, clock, server, lease, log: server.newest.log }
}

const failing = (error: Error) => async (tx: Transaction) => {
  await tx.query('INSERT')
  throw error
}

void t.test('COMMIT when its work is done, and the result is passed on', async (t) => {
  const { lease, log } = await start()
  const result = await lease.transaction(async (tx) => {
    await tx.query('INSERT')
    return 'result'
  })
  t.equal(result, 'result')
  t.strictSame(log, [START, 'INSERT', 'COMMIT'])
})

void t.test('ROLLBACK when it throws, in whatever way', async (t) => {
  const thrown = new Error('mine')
  const ways = [
    failing(thrown),
    () => Promise.reject(thrown),
    () => {
      throw thrown
    },
  ]
  for (const work of ways) {
    const { lease, log } = await start()
    t.equal(await rejection(lease.transaction(work)), thrown)
    t.equal(log[0], START)
    t.equal(log.at(-1), 'ROLLBACK')
    t.notOk(log.includes('COMMIT'))
  }
})

void t.test('isolation and readOnly', async (t) => {
  for (const isolation of LEVELS) {
    const { lease, log } = await start()
    await lease.transaction(() => {}, { isolation })
    t.strictSame(log, [`SET TRANSACTION ISOLATION LEVEL ${isolation}`, START, 'COMMIT'])
  }
  const { lease, log } = await start()
  await lease.transaction(() => {}, { readOnly: true, isolation: 'SERIALIZABLE' })
  await lease.transaction(() => {}, { readOnly: false })
  t.strictSame(log, [
    'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE',
    `${START} READ ONLY`,
    'COMMIT',
    START,
    'COMMIT',
  ])
})

void t.test('no other level reaches the server', async (t) => {
  const { lease, log } = await start()
  const isolation = 'SERIALIZABLE; DROP TABLE users' as IsolationLevel
  const error = await rejection(lease.transaction(() => t.fail('it began'), { isolation }))
  t.equal(error.code, 'ERR_OPTIONS')
  t.strictSame(log, [])
})

void t.test(
  'a level that was set for a transaction that did not begin is not left behind',
  async (t) => {
    const { lease, clock, server, log } = await start()
    server.failures.set(START, 'ER_UNKNOWN_ERROR')
    await t.rejects(
      lease.transaction(() => {}, { isolation: 'SERIALIZABLE' }),
      { code: 'ER_UNKNOWN_ERROR' },
    )
    await clock.run(lease.release())
    t.equal(log.at(-1), 'reset')
  },
)

void t.test('an error of the ROLLBACK does not mask the first one', async (t) => {
  const { lease, server, clock, pool } = await start()
  server.failures.set('ROLLBACK', 'ER_UNKNOWN_ERROR')
  const thrown = new Error('mine')
  t.equal(await rejection(lease.transaction(failing(thrown))), thrown)
  await clock.run(lease.release())
  await clock.advance(0)
  t.equal(pool.stats().evicted['settle failed'], 1, 'and its connection is not trusted any more')
})

void t.test('a COMMIT that fails is told', async (t) => {
  const { lease, server, log } = await start()
  server.failures.set('COMMIT', 'ER_ERROR_DURING_COMMIT')
  const error = await rejection(lease.transaction((tx) => tx.query('INSERT')))
  t.match(error, { code: 'ER_ERROR_DURING_COMMIT' })
  t.equal(log.at(-1), 'ROLLBACK')
})

void t.test('where the caller forbids the COMMIT at the last moment', async (t) => {
  const { lease, log } = await start()
  const lost = new Error('lost the lock')
  const beforeCommit = () => Promise.reject(lost)
  const options = { beforeCommit } as Parameters<Lease['transaction']>[1]
  t.equal(await rejection(lease.transaction((tx) => tx.query('INSERT'), options)), lost)
  t.strictSame(log, [START, 'INSERT', 'ROLLBACK'])
})

void t.test('after a swallowed error it goes on', async (t) => {
  const { lease, server, log } = await start()
  server.failures.set('INSERT', 'ER_DUP_ENTRY')
  await lease.transaction(async (tx) => {
    await tx.query('INSERT').catch(() => {})
    await tx.query('UPDATE')
  })
  t.strictSame(log, [START, 'INSERT', 'UPDATE', 'COMMIT'])
})

void t.test('after a swallowed ER_LOCK_DEADLOCK it neither goes on nor commits', async (t) => {
  const { lease, server, log } = await start()
  server.failures.set('UPDATE', 'ER_LOCK_DEADLOCK')
  const work = async (tx: Transaction) => {
    await tx.query('UPDATE').catch(() => {})
    t.match(await rejection(tx.query('INSERT')), { code: 'ER_LOCK_DEADLOCK' })
    t.match(await rejection(tx.transaction(() => {})), { code: 'ER_LOCK_DEADLOCK' })
    return 'as if nothing had happened'
  }
  t.match(await rejection(lease.transaction(work)), { code: 'ER_LOCK_DEADLOCK' })
  t.strictSame(log, [START, 'UPDATE', 'ROLLBACK'])
})

void t.test('swallowed in a nested one, it ends the whole, too', async (t) => {
  const { lease, server, log } = await start()
  server.failures.set('UPDATE', 'ER_LOCK_DEADLOCK')
  const work = async (tx: Transaction) => {
    await tx.transaction((inner) => inner.query('UPDATE').catch(() => {})).catch(() => {})
    await tx.query('INSERT').catch(() => {})
  }
  t.match(await rejection(lease.transaction(work)), { code: 'ER_LOCK_DEADLOCK' })
  t.strictSame(log, [START, 'SAVEPOINT lifeguard_1', 'UPDATE', 'ROLLBACK'])
})

void t.test('a nested one is undone alone', async (t) => {
  const { lease, log } = await start()
  await lease.transaction(async (tx) => {
    await tx.query('SELECT 1')
    await rejection(tx.transaction(failing(new Error('inner'))))
    await tx.query('SELECT 2')
  })
  t.strictSame(log, [
    START,
    'SELECT 1',
    'SAVEPOINT lifeguard_1',
    'INSERT',
    'ROLLBACK TO SAVEPOINT lifeguard_1',
    'SELECT 2',
    'COMMIT',
  ])
})

void t.test('nested ones nest', async (t) => {
  const { lease, log } = await start()
  await lease.transaction((tx) => tx.transaction((inner) => inner.transaction(() => {})))
  t.strictSame(log, [
    START,
    'SAVEPOINT lifeguard_1',
    'SAVEPOINT lifeguard_2',
    'RELEASE SAVEPOINT lifeguard_2',
    'RELEASE SAVEPOINT lifeguard_1',
    'COMMIT',
  ])
})

void t.test('nested ones side by side take turns', async (t) => {
  const { lease, clock, log } = await start()
  const nested = (tx: Transaction, name: string) =>
    tx.transaction(async (inner) => {
      await inner.query('SLEEP 5')
      await inner.query(`INSERT ${name}`)
    })
  await clock.run(
    lease.transaction((tx) => Promise.all(['a', 'b', 'c'].map((name) => nested(tx, name)))),
  )
  const each = (name: string) => [
    'SAVEPOINT lifeguard_1',
    'SLEEP 5',
    `INSERT ${name}`,
    'RELEASE SAVEPOINT lifeguard_1',
  ]
  t.strictSame(log, [START, ...each('a'), ...each('b'), ...each('c'), 'COMMIT'])
})

void t.test('where a savepoint cannot be undone, nothing is committed', async (t) => {
  const { lease, server, log } = await start()
  server.failures.set('ROLLBACK TO SAVEPOINT lifeguard_1', 'ER_SP_DOES_NOT_EXIST')
  const inner = new Error('inner')
  const work = (tx: Transaction) => tx.transaction(failing(inner)).catch(() => {})
  t.equal(await rejection(lease.transaction(work)), inner)
  t.notOk(log.includes('COMMIT'))
})

void t.test('isolation and readOnly belong to the outermost one', async (t) => {
  const { lease, log } = await start()
  await lease.transaction(async (tx) => {
    for (const options of [{ readOnly: true }, { isolation: 'SERIALIZABLE' as const }]) {
      t.equal((await rejection(tx.transaction(() => {}, options))).code, 'ERR_OPTIONS')
    }
  })
  t.strictSame(log, [START, 'COMMIT'])
})

void t.test('it ends with its function', async (t) => {
  const { lease, log } = await start()
  let leaked!: Transaction
  let inner!: Transaction
  await lease.transaction(async (tx) => {
    leaked = tx
    await tx.transaction((nested) => {
      inner = nested
    })
    const error = await rejection(inner.query('INSERT'))
    t.equal(error.code, 'ERR_LEASE_RELEASED', 'the nested one already')
  })
  for (const use of [
    leaked.query('INSERT'),
    leaked.execute('INSERT'),
    leaked.transaction(() => {}),
  ]) {
    const error = await rejection(use)
    t.equal(error.code, 'ERR_LEASE_RELEASED')
    t.match(error.message, '(GET /cart)')
  }
  t.notOk(log.includes('INSERT'))
  t.equal(leaked.label, 'GET /cart')
})
