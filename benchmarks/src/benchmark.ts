import type { DatabaseAddress } from '@lifeguard/test-kit'

/** What a benchmark is given. */
export interface Bench {
  /** A server of our own, with the database `bench`. */
  readonly server: DatabaseAddress
  /** Fewer and shorter rounds: whether it works, not how fast. */
  readonly quick: boolean
}

export interface Benchmark {
  readonly title: string
  run(bench: Bench): Promise<void>
}

export const DATABASE = 'bench'

/** What a contestant needs to connect; it travels to a child process. */
export interface Address {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

export function addressOf({ host, port, user, password }: DatabaseAddress): Address {
  return { host, port, user, password, database: DATABASE }
}
