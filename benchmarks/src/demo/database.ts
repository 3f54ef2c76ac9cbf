import type { Job } from 'bullmq'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { FieldPacket, QueryResult } from 'mysql2/promise'

export interface Queries {
  query<T extends QueryResult>(
    sql: string,
    values?: readonly unknown[],
  ): Promise<[T, FieldPacket[]]>
}

/** What the shop's handlers and jobs need of a database; both runs bring their own. */
export interface Database extends Queries {
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>
}

export type Mode = 'before' | 'after'

export interface DataAccessOptions {
  readonly uri: string
  /** Connections at most, where there is such a limit. */
  readonly max: number
}

/** The only thing in which the two runs differ. */
export interface DataAccess {
  register(app: FastifyInstance): Promise<void>
  forRequest(request: FastifyRequest): Database
  forJob(
    work: (job: Job, db: Database) => Promise<void>,
  ): (job: Job, token?: string) => Promise<void>
  /** The share of uses that were served by a connection that was there already. */
  reuseRate(): number
}
