import t from 'tap'

import { diagnose, healthOf } from '#monitor/health/diagnose.js'
import type { FindingCode, Severity } from '#monitor/health/finding.js'
import type { View } from '#monitor/view/view.js'

import { aLease, aPool, aReport, aServer, aView, viewOf } from '../support/snapshots.ts'

const session = (threadId: number) => ({
  threadId,
  user: 'app',
  host: '10.0.0.2:5000',
  database: 'shop',
  command: 'Sleep',
  timeMs: 9000,
  state: '',
  statement: undefined,
})

const trouble = {
  kind: 'unreachable',
  code: 'ER_ACCESS_DENIED_ERROR',
  agoMs: 200,
  breakerOpen: false,
} as const

const tenLeases = Array.from({ length: 10 }, (_, i) =>
  aLease({ threadId: i, label: i < 7 ? 'GET /leak' : 'GET /items' }),
)

const CASES: readonly (readonly [View, FindingCode, Severity, RegExp, RegExp])[] = [
  [
    aView([aPool({ leases: [aLease({ state: 'running', stateMs: 4200 })] })]),
    'long-query',
    'warning',
    /^GET \/cart runs a statement for 4\.2 s: SELECT \?$/,
    /^EXPLAIN it; .*KILL QUERY 7/,
  ],
  [
    aView([
      aPool({
        leases: [aLease({ state: 'running', stateMs: 4200, statement: 'SELECT GET_LOCK(?)' })],
      }),
    ]),
    'long-query',
    'warning',
    /: SELECT GET_LOCK\(\?\)$/,
    /^SELECT IS_USED_LOCK with the name of the lock .*KILL QUERY 7/,
  ],
  [
    aView([aPool({ leases: [aLease({ state: 'running', stateMs: 4200, statement: 'COMMIT' })] })]),
    'long-query',
    'warning',
    /: COMMIT$/,
    /^Look at the locks and the disk of the server; /,
  ],
  [
    aView([
      aPool({ leases: [aLease({ state: 'transaction', stateMs: 2000, transactionMs: 65_000 })] }),
    ]),
    'idle-in-transaction',
    'warning',
    /^GET \/cart has a transaction open for 1m 05s and does nothing in it for 2\.0 s/,
    /KILL 7 rolls it back/,
  ],
  [
    aView([aPool({ leases: [aLease({ state: 'idle', stateMs: 14_000, heldMs: 14_000 })] })]),
    'leak-suspected',
    'warning',
    /^GET \/cart holds a connection for 14 s, unused for 14 s$/,
    /answer, release, or set a timeout/,
  ],
  [
    aView([
      aPool({
        leases: [
          aLease({
            suspected: true,
            stack: '    at cart (file:///srv/shop/src/cart.js:12:7)\n    at more',
          }),
        ].map((lease) => ({ ...lease, state: 'idle' as const, label: '' })),
      }),
    ]),
    'leak-suspected',
    'warning',
    /^\(no label\) holds/,
    /It was taken at src\/cart\.js:12$/,
  ],
  [
    aView([aPool({ leases: tenLeases, waiters: [{ label: 'GET /items', waitedMs: 4200 }] })]),
    'pool-exhausted',
    'critical',
    /^all 10 connections are taken and 1 wait, GET \/items for 4\.2 s$/,
    /^7 of 10 are held by GET \/leak, 3 by GET \/items/,
  ],
  [
    aView([aPool({ leases: tenLeases, waiters: [{ label: 'GET /items', waitedMs: 12 }] })]),
    'pool-exhausted',
    'warning',
    /GET \/items for 12 ms$/,
    /raise max/,
  ],
  [
    aView([aPool({ stats: { effectiveMax: 3 } })]),
    'server-full',
    'critical',
    /no more than 3 of 10 connections/,
    /lifeguard doctor/,
  ],
  [
    aView([aPool({ trouble: { ...trouble, code: 'ECONNREFUSED' } })]),
    'cannot-connect',
    'critical',
    /10\.0\.0\.1:3306 could not be reached \(ECONNREFUSED\)$/,
    /is the server up/,
  ],
  [
    aView([aPool({ trouble: { ...trouble, kind: 'refused', breakerOpen: true } })]),
    'breaker-open',
    'critical',
    /refuses to connect/,
    /password/,
  ],
  [
    aView([
      aPool({ trouble: { ...trouble, code: 'ECONNREFUSED', agoMs: 720_000 }, stats: { idle: 3 } }),
    ]),
    'cannot-connect',
    'warning',
    /could not be reached \(ECONNREFUSED\), 12m 00s ago; nobody has needed another one since$/,
    /is the server up/,
  ],
  [
    aView([
      aPool({
        trouble: { ...trouble, kind: 'refused', agoMs: 20_000 },
        stats: { idle: 0, total: 4 },
        waiters: [{ label: 'GET /items', waitedMs: 4200 }],
      }),
    ]),
    'cannot-connect',
    'critical',
    /refused to connect \(ER_ACCESS_DENIED_ERROR\), 20 s ago$/,
    /password/,
  ],
  [
    aView([
      aPool({
        trouble: { ...trouble, kind: 'full', code: 'ER_CON_COUNT_ERROR' },
        stats: { total: 4 },
      }),
    ]),
    'server-full',
    'critical',
    /no more than 4 of 10 connections/,
    /lifeguard doctor/,
  ],
  [
    aView([
      aPool({
        leases: tenLeases.slice(0, 7),
        stats: { busy: 3 },
        waiters: [{ label: 'GET /items', waitedMs: 4200 }],
      }),
    ]),
    'pool-exhausted',
    'critical',
    /^all 10 connections are taken \(3 of them are being checked, cleaned or closed\) and 1 wait/,
    /^7 of 7 are held by GET \/leak/,
  ],
  [
    aView([
      aPool({ stats: { connecting: 2 }, waiters: [{ label: 'GET /items', waitedMs: 4200 }] }),
    ]),
    'slow-connect',
    'critical',
    /^1 wait, GET \/items for 4\.2 s, while 2 connections are being opened and 0 checked/,
    /DNS/,
  ],
  [
    aView([
      aPool({
        leases: [aLease({ state: 'running', stateMs: 3, heldMs: 90_000, suspected: true })],
      }),
    ]),
    'leak-suspected',
    'warning',
    /^GET \/cart holds a connection for 1m 30s/,
    /./,
  ],
  [
    aView([aPool({ leases: tenLeases, refusal: { code: 'ERR_ACQUIRE_TIMEOUT', agoMs: 20_000 } })]),
    'callers-refused',
    'critical',
    /^callers are turned away after acquireTimeout \(10 s\), the last one 20 s ago$/,
    /7 of 10 are held by GET \/leak/,
  ],
  [
    aView([aPool({ refusal: { code: 'ERR_QUEUE_FULL', agoMs: 200 } })]),
    'callers-refused',
    'critical',
    /queueLimit/,
    /max/,
  ],
  [
    aView([aPool({ refusal: { code: 'ERR_POOL_DEADLOCK', agoMs: 200 } })]),
    'callers-refused',
    'critical',
    /^callers are turned away where every connection is held by a scope that waits for another/,
    /^Take one connection a scope/,
  ],
  [
    // Over by now: while it cannot connect, that is told instead.
    aView([aPool({ refusal: { code: 'ERR_BREAKER_OPEN', agoMs: 20_000 } })]),
    'callers-refused',
    'critical',
    /^callers are turned away because 10\.0\.0\.1:3306 refused to connect, the last one 20 s ago$/,
    /accepts connections again/,
  ],
  [
    // It has been full, but is not any more.
    aView([
      aPool({
        trouble: { ...trouble, kind: 'full', agoMs: 30_000 },
        refusal: { code: 'ERR_POOL_DEADLOCK', agoMs: 30_000 },
      }),
    ]),
    'callers-refused',
    'critical',
    /the last one 30 s ago$/,
    /^Take one connection a scope/,
  ],
  [viewOf([]), 'no-process', 'critical', /^no process/, /as root/],
  [
    aView([aPool({ stats: { reuseRate: 0.5, acquired: 2000, created: 1000 } })]),
    'low-reuse',
    'warning',
    /only 50\.0 % of 2 000 acquires/,
    /Raise min/,
  ],
  [
    aView([aPool({ phase: 'suspended', waiters: [{ label: 'GET /items', waitedMs: 4200 }] })]),
    'pool-suspended',
    'critical',
    /suspended/,
    /resume/,
  ],
  [
    aView([
      aPool({
        stats: { effectiveMax: 0 },
        trouble: { ...trouble, kind: 'full' },
        waiters: [{ label: 'GET /items', waitedMs: 4200 }],
      }),
    ]),
    'server-full',
    'critical',
    /no more than 0 of 10/,
    /doctor/,
  ],
  [
    aView([aPool({ settings: { enabled: false } })]),
    'pooling-off',
    'warning',
    /off/,
    /DB_POOL_ENABLED/,
  ],
  [
    aView([aPool({ settings: { acquireTimeout: 120_000, maxLifetime: 0 } })]),
    'settings',
    'warning',
    /acquireTimeout .* maxLifetime is 0/,
    /options/,
  ],
  [
    aView(
      [aPool()],
      aServer({ limits: { maxConnections: 151, maxUserConnections: 0, waitTimeoutMs: 20_000 } }),
    ),
    'settings',
    'warning',
    /after 20 s \(wait_timeout\)/,
    /healthCheckInterval .* to 10 s or less/,
  ],
  [
    aView(
      [],
      aServer({
        sessions: [
          {
            ...session(8),
            command: 'Query',
            state: 'Waiting for table metadata lock',
            statement: 'SELECT ? FROM item',
          },
        ],
      }),
    ),
    'table-lock-wait',
    'critical',
    /^1 wait for a lock on a table/,
    /LOCK TABLES/,
  ],
  [
    aView([aPool({ target: 'replica:3306' })], aServer()),
    'other-server',
    'warning',
    /^the pools are at replica:3306, and 10\.0\.0\.1:3306 was asked/,
    /--db/,
  ],
  [
    aView(
      [],
      aServer({ use: { ...aServer().use, threadsConnected: 140, refusedConnections: 12 } }),
    ),
    'server-nearly-full',
    'warning',
    /140 of max_connections 151 .* 12 were refused/,
    /doctor/,
  ],
  [
    viewOf([{ source: 'x', report: aReport([]) }], { problem: 'db:3306: cannot be reached' }),
    'server-unseen',
    'critical',
    /^db:3306/,
    /./,
  ],
  [
    viewOf([
      { source: '/tmp/lifeguard-0/99-0-00c0ffee.sock', problem: 'does not answer', hangs: true },
    ]),
    'process-silent',
    'critical',
    /99-0-00c0ffee\.sock does not answer/,
    /event loop is blocked/,
  ],
  [
    aView(
      [aPool({ leases: [aLease({ threadId: 7 }), aLease({ threadId: 8, label: 'GET /items' })] })],
      aServer({
        sessions: [session(7), session(8)],
        lockWaits: [{ waitingThreadId: 8, blockingThreadId: 7, waitedMs: 9000 }],
      }),
    ),
    'lock-wait',
    'critical',
    /^GET \/cart has a lock for which 1 wait \(GET \/items\), the longest for 9\.0 s$/,
    /KILL 7/,
  ],
  [
    aView(
      [],
      aServer({
        sessions: [
          { ...session(8), command: 'Query', state: 'Waiting for table metadata lock' },
          {
            ...session(9),
            command: 'Query',
            timeMs: 12_000,
            state: 'Waiting for table metadata lock',
            statement: 'ALTER TABLE item ADD COLUMN price INT',
          },
          { ...session(10), command: 'Daemon', state: 'Waiting on empty queue' },
        ],
      }),
    ),
    'table-lock-wait',
    'critical',
    /^2 wait for a lock on a table \(app@10\.0\.0\.2:5000\), the longest for 12 s: ALTER TABLE item/,
    /KILL 9/,
  ],
]

void t.test('each kind of trouble, with what to do about it', async (t) => {
  for (const [view, code, severity, message, advice] of CASES) {
    const [finding, ...others] = diagnose(view)
    t.match(finding, { code, severity, message, advice }, code)
    t.strictSame(others, [], `${code} and nothing else`)
    t.equal(healthOf([finding!]), severity)
  }
})

void t.test('nothing where nothing is wrong', async (t) => {
  const calm = [
    aView([aPool({ leases: [aLease()], waiters: [] })], aServer()),
    // Growing, as a pool does.
    aView([aPool({ stats: { connecting: 2 }, waiters: [{ label: 'GET /items', waitedMs: 40 }] })]),
    // It is over.
    aView([aPool({ refusal: { code: 'ERR_QUEUE_FULL', agoMs: 61_000 } })]),
    // It was full, and nobody needs more.
    aView([aPool({ trouble: { ...trouble, kind: 'full', agoMs: 60_000 } })]),
  ]
  for (const view of calm) t.strictSame(diagnose(view), [])
  t.equal(healthOf([]), 'well')
})

void t.test('one finding for all connections of an owner in the same trouble', async (t) => {
  const leases = [5, 20, 10].map((s, i) =>
    aLease({ threadId: i, state: 'idle', stateMs: s * 1000, heldMs: s * 1000 }),
  )
  const findings = diagnose(aView([aPool({ leases })]))
  t.match(findings, [{ code: 'leak-suspected', connections: 3, ageMs: 20_000 }])
  t.match(findings[0]?.message, /for 20 s \(and 2 more connections alike\)/)
})

void t.test('the worst first, then the oldest', async (t) => {
  const leases = [
    aLease({ threadId: 1, label: 'b', state: 'transaction', stateMs: 3000 }),
    aLease({ threadId: 2, label: 'c', state: 'running', stateMs: 9000 }),
  ]
  const view = aView([aPool({ leases }), aPool({ phase: 'suspended' })])
  const codes = diagnose(view).map(({ code }) => code)
  t.strictSame(codes, ['pool-suspended', 'long-query', 'idle-in-transaction'])
})

void t.test('who waits behind one that waits is told with the one that all wait for', async (t) => {
  const leases = [7, 8, 9].map((threadId) => aLease({ threadId, label: `GET /${threadId}` }))
  const server = aServer({
    sessions: [7, 8, 9].map(session),
    lockWaits: [
      { waitingThreadId: 9, blockingThreadId: 8, waitedMs: 1000 },
      { waitingThreadId: 8, blockingThreadId: 7, waitedMs: 2000 },
      { waitingThreadId: 9, blockingThreadId: 7, waitedMs: 1000 },
    ],
  })
  const findings = diagnose(aView([aPool({ leases })], server))
  t.match(findings, [{ code: 'lock-wait', owner: 'GET /7', ageMs: 2000 }])
  t.equal(findings.length, 1)
  t.match(findings[0]?.message, /for which 2 wait \(GET \/8, GET \/9\)/)
})

void t.test('a session of the same number at another server is not ours', async (t) => {
  const server = aServer({
    sessions: [session(7), session(8)],
    lockWaits: [{ waitingThreadId: 8, blockingThreadId: 7, waitedMs: 9000 }],
  })
  const replica = aPool({ target: '10.0.0.2:3306', leases: [aLease({ label: 'GET /replica' })] })
  const [finding, ...others] = diagnose(aView([aPool(), replica], server))
  t.match(finding, { code: 'lock-wait', pool: undefined, owner: undefined })
  t.match(
    finding?.message,
    /^thread 7 of app@10\.0\.0\.2:5000 \(idle for 9\.0 s\) has a lock for which 1 wait \(app@/,
  )
  t.strictSame(others, [])
})

void t.test('where it works elsewhere for once, it is ours all the same', async (t) => {
  const server = aServer({
    sessions: [{ ...session(7), database: 'other' }],
    lockWaits: [{ waitingThreadId: 8, blockingThreadId: 7, waitedMs: 9000 }],
  })
  const [finding] = diagnose(aView([aPool({ leases: [aLease()] })], server))
  t.match(finding?.message, /^GET \/cart has a lock for which 1 wait \(thread 8\)/)
})

void t.test('who holds a lock may be a pool that has not lent it', async (t) => {
  const server = aServer({
    sessions: [session(7), session(8)],
    lockWaits: [{ waitingThreadId: 8, blockingThreadId: 7, waitedMs: 9000 }],
  })
  const [finding] = diagnose(aView([aPool({ threadIds: [7] })], server))
  t.match(finding, { pool: 'shop', pid: 4711, owner: undefined })
  t.match(finding?.message, /^thread 7 of shop \(not lent\)/)
})

void t.test('a process of another machine is told of with its name', async (t) => {
  const report = aReport([aPool({ phase: 'suspended' })])
  const elsewhere = { ...report, process: { ...report.process, host: 'shop-1' } }
  const view = viewOf([{ source: 'http://shop-1/lifeguard', report: elsewhere }])
  t.match(diagnose(view), [{ pid: 4711, host: 'shop-1' }])
})
