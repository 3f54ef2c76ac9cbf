import { adminQuery, createDatabase, openTransactions } from '../admin.ts'
import type { DatabaseAddress } from '../database-address.ts'
import { sharedDatabase } from '../shared.ts'
import { waitFor } from '../wait-for.ts'
import type { ContractPool, ContractScope } from './types.ts'

/** How many connections the pool under test may have. */
export const POOL_MAX = 6

/**
 * A bank of accounts, one for each request or job that is to come to an end, and what can be seen of them from
 * outside of the pool under test.
 */
export class World<P extends ContractPool = ContractPool> {
  readonly pool: P
  readonly server: DatabaseAddress
  readonly #database: { readonly name: string; drop(): Promise<void> }
  readonly #scopes = new Map<string, ContractScope>()
  readonly #gates = new Map<string, () => void>()
  #lastMarker = 0

  private constructor(
    pool: P,
    server: DatabaseAddress,
    database: { readonly name: string; drop(): Promise<void> },
  ) {
    this.pool = pool
    this.server = server
    this.#database = database
  }

  static async create<P extends ContractPool>(
    createPool: (uri: string, max: number) => P,
  ): Promise<World<P>> {
    const server = await sharedDatabase()
    const database = await createDatabase(server, 'contract')
    const pool = createPool(database.uri, POOL_MAX)
    await pool.query('CREATE TABLE account (id INT PRIMARY KEY, balance INT NOT NULL)')
    await pool.query('INSERT INTO account VALUES (1, 100), (2, 100)')
    return new World(pool, server, database)
  }

  async close(): Promise<void> {
    await this.pool.end()
    await this.#database.drop()
  }

  /** A new account, of 100, and with it the name of one request or job. */
  async open(): Promise<string> {
    const marker = String(1000 + ++this.#lastMarker)
    await this.admin(`INSERT INTO account VALUES (${marker}, 100)`)
    return marker
  }

  /**
   * What a handler does first: it begins a transaction, takes all from its account and leaves a mark in its
   * session. Tells where something of somebody else is seen.
   */
  async begin(db: ContractScope, marker: string): Promise<void> {
    if (this.pool.currentScope !== db) throw new Error('the ambient scope is not the own one')
    const before = await markOf(db)
    if (before !== null) throw new Error(`the mark of ${before} is seen`)
    await db.query(`SET @marker = '${marker}'`)
    await db.query('START TRANSACTION')
    await db.query(`UPDATE account SET balance = 0 WHERE id = ${marker}`)
    if ((await markOf(db)) !== marker) throw new Error('the own mark is not seen')
    this.#scopes.set(marker, db)
  }

  /** Where a handler waits until the battery lets it go on. */
  gate(marker: string): Promise<void> {
    return new Promise((resolve) => this.#gates.set(marker, resolve))
  }

  openGate(marker: string): void {
    this.#gates.get(marker)?.()
  }

  hasBegun(marker: string): boolean {
    return this.#scopes.has(marker)
  }

  hasEnded(marker: string): boolean {
    return this.scope(marker).ended
  }

  scope(marker: string): ContractScope {
    const scope = this.#scopes.get(marker)
    if (!scope) throw new Error(`${marker} has not begun`)
    return scope
  }

  async balance(marker: string): Promise<number> {
    const rows = await this.admin(`SELECT balance FROM account WHERE id = ${marker}`)
    return Number(rows[0]?.['balance'])
  }

  /** Fails with a lock wait where somebody still holds the row. */
  async rowIsFree(marker: string): Promise<boolean> {
    const sql = `SELECT id FROM ${this.#database.name}.account WHERE id = ${marker} FOR UPDATE NOWAIT`
    return adminQuery(this.server, sql).then(
      () => true,
      () => false,
    )
  }

  /** Statements that the server runs and that contain the text. */
  async running(text: string): Promise<number> {
    const rows = await adminQuery(
      this.server,
      `SELECT INFO FROM information_schema.PROCESSLIST WHERE DB = '${this.#database.name}'`,
    )
    return rows.filter(({ INFO }) => String(INFO).includes(text)).length
  }

  nothingOpen(): Promise<void> {
    // The server shows a list of a moment ago, and for longer where others look at it, too.
    return waitFor(async () => (await openTransactions(this.server, this.#database.name)) === 0, {
      every: 150,
    })
  }

  /** Everything that was lent is back, settled, and nobody waits. */
  settled(): Promise<void> {
    return waitFor(
      () => {
        const { inUse, waiting, busy, acquired, released } = this.pool.stats()
        // A release counts when it begins; while the connection is settled it is busy.
        return inUse === 0 && waiting === 0 && busy === 0 && acquired === released
      },
      { label: 'all connections are back' },
    )
  }

  async admin(sql: string): Promise<Record<string, unknown>[]> {
    return await adminQuery(this.server, sql.replace(' account', ` ${this.#database.name}.account`))
  }
}

async function markOf(db: ContractScope): Promise<string | null> {
  const [rows] = await db.query('SELECT @marker AS marker')
  return (rows as [{ marker: string | null }])[0].marker
}
