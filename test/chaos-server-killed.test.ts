import { createPool, type Pool } from '@lifeguard/core'
import { adminQuery, canStartServers, createDatabase, startDatabase } from '@lifeguard/test-kit'
import t from 'tap'

const skip = canStartServers() ? false : 'cannot start servers here'

const ACCOUNTS = 20
const WORKERS = 60
const ACQUIRE_TIMEOUT_MS = 5000
const PATIENCE_MS = ACQUIRE_TIMEOUT_MS + 3000

void t.test(
  'a server killed under load: nobody hangs, no money is lost or doubled, and all is well when it is back',
  { skip },
  async (t) => {
    const server = await startDatabase()
    const database = await createDatabase(server)
    const pool = createPool({
      uri: database.uri,
      max: 20,
      acquireTimeout: ACQUIRE_TIMEOUT_MS,
      settleTimeout: 1000,
    })
    t.teardown(async () => {
      await pool.end({ deadline: 1000 })
      await server.stop()
    })
    await pool.query('CREATE TABLE account (id INT PRIMARY KEY, balance INT NOT NULL)')
    await pool.query('CREATE TABLE transfer (id INT PRIMARY KEY, amount INT NOT NULL)')
    await pool.query('INSERT INTO account (id, balance) VALUES ?', [
      Array.from({ length: ACCOUNTS }, (_, id) => [id, 1000]),
    ])

    const acknowledged: number[] = []
    const failures = new Map<string, number>()
    let slowest = 0
    let last = 0
    let running = true
    const worker = async (): Promise<void> => {
      while (running) {
        const id = ++last
        const began = performance.now()
        try {
          await transfer(pool, id)
          acknowledged.push(id)
        } catch (error) {
          const code = String((error as { code?: string }).code)
          failures.set(code, (failures.get(code) ?? 0) + 1)
          await new Promise((resolve) => setImmediate(resolve))
        }
        slowest = Math.max(slowest, performance.now() - began)
      }
    }
    const workers = Array.from({ length: WORKERS }, worker)
    await until(() => acknowledged.length > 300)

    await server.kill()
    await new Promise((resolve) => setTimeout(resolve, 3000))
    const before = acknowledged.length
    await server.restart()
    const back = performance.now()
    await until(() => acknowledged.length > before + WORKERS)
    const recovery = performance.now() - back
    await until(() => acknowledged.length > before + 500)
    running = false
    await Promise.all(workers)

    t.comment(`recovered in ${Math.round(recovery)} ms, slowest ${Math.round(slowest)} ms`)
    t.ok(recovery < 2000, `all is well ${Math.round(recovery)} ms after the server is back`)
    t.ok(slowest < PATIENCE_MS, `the slowest took ${Math.round(slowest)} ms`)
    t.ok(failures.size > 0, 'the kill was felt')

    const [sum] = await adminQuery(server, `SELECT SUM(balance) AS n FROM ${database.name}.account`)
    t.equal(Number(sum!['n']), ACCOUNTS * 1000, 'no money is lost or made')
    const rows = await adminQuery(server, `SELECT id FROM ${database.name}.transfer`)
    const done = new Set(rows.map((row) => Number(row['id'])))
    const lost = acknowledged.filter((id) => !done.has(id))
    t.same(lost, [], 'what was acknowledged is there')
    t.equal(new Set(acknowledged).size, acknowledged.length)
    const { inUse, waiting, acquired, released } = pool.stats()
    t.match({ inUse, waiting }, { inUse: 0, waiting: 0 })
    t.equal(acquired, released)
  },
)

function transfer(pool: Pool, id: number): Promise<void> {
  const from = id % ACCOUNTS
  const to = (id * 7 + 3) % ACCOUNTS
  return pool.transaction(async (tx) => {
    // In one order, so that transfers don't lock one another out.
    for (const [account, amount] of [
      [from, -1],
      [to, 1],
    ].sort((a, b) => a[0]! - b[0]!)) {
      await tx.query('UPDATE account SET balance = balance + ? WHERE id = ?', [amount, account])
    }
    await tx.query('INSERT INTO transfer (id, amount) VALUES (?, 1)', [id])
  })
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within 30 s: ${String(condition)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
