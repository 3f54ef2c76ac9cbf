import type { Sighting } from '../find/sighting.ts'
import { askMachine } from '../find/sockets.ts'
import { askUrl } from '../find/url.ts'
import { databaseAddress } from '../server/database-address.ts'
import { ServerWatch } from '../server/server-watch.ts'
import { makeView, type View } from './view.ts'

export interface LookOptions {
  readonly url: readonly URL[] | undefined
  readonly db: string | true | undefined
}

/** Looks at all that was asked for, again and again. */
export class Lookout {
  readonly #url: readonly URL[] | undefined
  readonly #server: ServerWatch | undefined
  readonly #closed = new AbortController()

  /** @throws CommandError where `--db` names no server. */
  constructor({ url, db }: LookOptions, env: Readonly<Record<string, string | undefined>>) {
    this.#url = url
    this.#server = db === undefined ? undefined : new ServerWatch(databaseAddress(db, env))
  }

  async look(): Promise<View> {
    const [sightings, sight] = await Promise.all([this.#ask(), this.#server?.look()])
    return makeView(Date.now(), sightings, sight)
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
