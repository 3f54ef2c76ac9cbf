import type { PoolOptions } from '@lifeguard/core'
import type { Flavor } from '@lifeguard/test-kit'
import type { Connection } from 'mysql2'

import type { World } from './world.ts'

/** What leaves the state behind: a lease, a request's scope, or a connection of mysql2's own pool. */
export interface Borrowed {
  query(statement: string | StatementOptions, values?: unknown): Promise<unknown>
  execute(statement: string | StatementOptions, values?: unknown): Promise<unknown>
  /** mysql2's connection, callback style. */
  readonly connection: Connection
}

interface StatementOptions {
  sql: string
  timeout?: number
}

/** One way to leave a session in another state than it was in. */
export interface Kind {
  readonly name: string
  /** Where it exists. Default: on both. */
  readonly servers?: readonly Flavor[]
  /** For the pool. */
  readonly options?: PoolOptions
  /** No database is chosen when the connection opens. */
  readonly withoutDatabase?: true
  /** The statements, where it takes no more than that: they can go through any interface. */
  readonly statements?: readonly string[]
  dirty(borrowed: Borrowed, world: World): Promise<unknown>
  /** It takes `borrowed.connection`, which only a lease has. */
  readonly raw?: true
  /** Nothing takes it back, so that the pool has to open another connection. Says why. */
  readonly replaced?: string
  /** What stays at the server by design, and how it is taken away so that the next test can run. */
  readonly leftBehind?: { readonly what: string; tidy(world: World): Promise<unknown> }
  /** Why a pool without hygiene would show nothing. */
  readonly unseen?: string
}

type Details = Partial<Omit<Kind, 'name' | 'statements' | 'dirty'>>

/** A kind that is nothing but statements. */
export function sql(name: string, statements: string | string[], details: Details = {}): Kind {
  const all = [statements].flat()
  return {
    name,
    ...details,
    statements: all,
    dirty: async (borrowed) => {
      for (const statement of all) await borrowed.query(statement)
    },
  }
}

export function existsOn(kind: Kind, flavor: Flavor): boolean {
  return kind.servers?.includes(flavor) ?? true
}

/** Runs what is meant to fail, as a borrower does who swallows errors. */
export async function swallow(work: Promise<unknown>): Promise<void> {
  const failed = await work.then(
    () => false,
    () => true,
  )
  if (!failed) throw new Error('this was meant to fail')
}
