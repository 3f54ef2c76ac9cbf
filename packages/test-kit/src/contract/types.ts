/** What the battery needs of a scope, a pool and an adapter: structural, so that this kit imports none. */
export interface ContractScope {
  readonly ended: boolean
  query(sql: string, values?: unknown): Promise<[unknown, unknown]>
  transaction<T>(work: () => Promise<T>): Promise<T>
  acquire(): Promise<ContractLease>
}

export interface ContractLease {
  readonly connection: { query(sql: string): { stream(): AsyncIterable<unknown> } }
  query(sql: string, values?: unknown): Promise<[unknown, unknown]>
  release(): Promise<void>
}

export interface ContractPool {
  readonly currentScope: unknown
  query(sql: string, values?: unknown): Promise<[unknown, unknown]>
  acquire(): Promise<ContractLease>
  stats(): {
    readonly inUse: number
    readonly waiting: number
    readonly busy: number
    readonly acquired: number
    readonly released: number
  }
  end(): Promise<unknown>
}
