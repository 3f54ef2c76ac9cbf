import { isSeen, type Sighting } from '../find/sighting.ts'
import { askMachine } from '../find/sockets.ts'
import { askUrl } from '../find/url.ts'
import { databaseAddress } from '../server/database-address.ts'
import { ServerWatch } from '../server/server-watch.ts'
import { SameServer } from './same-server.ts'
import { makeView, type View } from './view.ts'

export interface LookOptions {
  readonly url: readonly URL[] | undefined
  readonly db: string | true | undefined
}

const NONE: ReadonlySet<string> = new Set()

/** Looks at all that was asked for, again and again. */
export class Lookout {
  readonly #url: readonly URL[] | undefined
  readonly #server: ServerWatch | undefined
  readonly #same = new SameServer()
  readonly #closed = new AbortController()

  /** @throws CommandError where `--db` names no server. */
  constructor({ url, db }: LookOptions, env: Readonly<Record<string, string | undefined>>) {
    this.#url = url && [...new Map(url.map((one) => [one.href, one])).values()]
    this.#server = db === undefined ? undefined : new ServerWatch(databaseAddress(db, env))
  }

  async look(): Promise<View> {
    const [early, sight] = await Promise.all([this.#ask(), this.#server?.look()])
    // What was seen before a server has let us wait is old.
    const sightings = sight?.problem === undefined ? early : await this.#ask()
    const target = sight?.server?.target
    const atServer =
      target === undefined ? NONE : await this.#same.among(targetsOf(sightings), target)
    return makeView(Date.now(), sightings, sight, atServer)
  }

  /** Also ends a look that is under way. */
  close(): void {
    this.#closed.abort()
    this.#server?.close()
  }

  async #ask(): Promise<readonly Sighting[]> {
    const { signal } = this.#closed
    return this.#url ? Promise.all(this.#url.map((url) => askUrl(url, signal))) : askMachine()
  }
}

function targetsOf(sightings: readonly Sighting[]): string[] {
  return sightings.filter(isSeen).flatMap(({ report }) => report.pools.map(({ target }) => target))
}
