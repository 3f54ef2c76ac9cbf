import fc from 'fast-check'
import t from 'tap'

import { connectionsOf, demandOf, heldBy } from '#monitor/doctor/demand.js'
import { examine } from '#monitor/doctor/examine.js'

import { aPool, aServer } from '../support/snapshots.ts'

const demand = (processes: number, max: number) => ({
  pool: 'shop',
  processes,
  max,
  healthCheckInterval: 30_000,
})
const server = aServer()

void t.test('what fits, with what others have and a reserve', async (t) => {
  const examination = examine({ demands: [demand(2, 50)], server, held: 0 })
  // 11 are connected, the one that asks among them.
  t.match(examination, { needed: 102, allowed: 151, others: 10, spare: 16, left: 125, fits: true })
  t.strictSame(examination.complaints, [])
})

void t.test('what does not', async (t) => {
  const { complaints, suggestedMax } = examine({ demands: [demand(4, 50)], server, held: 0 })
  t.match(complaints, [
    {
      severity: 'critical',
      message: /204 connections, and max_connections is 151/,
      advice: `Set max (DB_POOL_MAX) to ${suggestedMax} at most in each pool, or max_connections to 238 or more`,
    },
  ])
})

void t.test('the pools own connections are not counted twice', async (t) => {
  const pools = [aPool({ stats: { total: 4 } }), aPool({ stats: { total: 4 } })]
  const demands = demandOf(pools, undefined)
  t.match(demands, [{ pool: 'shop', processes: 2, max: 10 }])
  t.match(demandOf(pools, 12), [{ processes: 12 }])
  const held = heldBy(pools)
  t.equal(held, 8)
  t.equal(examine({ demands, server, held }).others, 2)
  t.equal(examine({ demands, server, held, counted: 2 }).others, 0)
})

void t.test('a limit for each user counts where it is lower', async (t) => {
  const limits = { ...server.limits, maxUserConnections: 30 }
  const examination = examine({ demands: [demand(1, 50)], server: { ...server, limits }, held: 0 })
  t.match(examination, { allowed: 30, allowedBy: 'max_user_connections', fits: false })
})

void t.test('also where others leave less than the user may have', async (t) => {
  const limits = { ...server.limits, maxConnections: 100, maxUserConnections: 90 }
  const use = { ...server.use, threadsConnected: 51 }
  const patient = { ...server, limits, use }
  const examination = examine({ demands: [demand(1, 80)], server: patient, held: 0 })
  t.match(examination, { allowedBy: 'max_connections', others: 50, left: 40, fits: false })
})

void t.test('what the server has seen, and when it hangs up', async (t) => {
  const use = { ...server.use, refusedConnections: 5 }
  const limits = { ...server.limits, waitTimeoutMs: 20_000 }
  const { complaints } = examine({
    demands: [demand(1, 10)],
    server: { ...server, use, limits },
    held: 0,
  })
  t.match(complaints, [{ message: /refused 5/ }, { message: /idle for 20 s .* every 30 s/ }])
})

void t.test('what it suggests fits', async () => {
  const some = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 200 })),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  fc.assert(
    fc.property(
      some,
      fc.integer({ min: 10, max: 2000 }),
      fc.nat(100),
      (pools, maxConnections, others) => {
        const limits = { ...server.limits, maxConnections }
        const use = { ...server.use, threadsConnected: others + 1 }
        const demands = pools.map(([processes, max]) => demand(processes, max))
        const look = (changed: typeof demands, allowed: number) =>
          examine({
            demands: changed,
            server: { ...server, use, limits: { ...limits, maxConnections: allowed } },
            held: 0,
          })
        const { suggestedMax, suggestedMaxConnections, left } = look(demands, maxConnections)
        const smaller = demands.map((one) => ({ ...one, max: suggestedMax ?? 0 }))
        const fits = smaller.reduce((sum, one) => sum + connectionsOf(one), 0) <= left
        return (suggestedMax === undefined || fits) && look(demands, suggestedMaxConnections).fits
      },
    ),
    { examples: [[[[1, 1]], 10, 0]] },
  )
})
