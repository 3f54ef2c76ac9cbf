import { CommandError, ExitCode } from '../exit-code.ts'
import type { Sighting } from '../find/sighting.ts'
import { askMachine } from '../find/sockets.ts'
import { askUrl } from '../find/url.ts'
import { databaseAddress } from '../server/database-address.ts'
import type { ServerView } from '../server/server-view.ts'
import { ServerUnseen, ServerWatch } from '../server/server-watch.ts'
import { makeView, type View } from './view.ts'

export interface LookOptions {
  readonly url: readonly URL[] | undefined
  readonly db: string | true | undefined
}

/** @throws CommandError where `--db` names no server. */
export function openLookout(
  options: LookOptions,
  env: Readonly<Record<string, string | undefined>>,
): Lookout {
  try {
    return new Lookout(options, env)
  } catch (error) {
    throw new CommandError((error as Error).message, ExitCode.Usage)
  }
}

/** Looks at all that was asked for, again and again. */
export class Lookout {
  readonly #url: readonly URL[] | undefined
  readonly #server: ServerWatch | undefined

  /** Throws where `--db` names no server. */
  constructor({ url, db }: LookOptions, env: Readonly<Record<string, string | undefined>>) {
    this.#url = url
    this.#server = db === undefined ? undefined : new ServerWatch(databaseAddress(db, env))
  }

  async look(): Promise<View> {
    const [sightings, server] = await Promise.all([this.#ask(), this.#lookAtServer()])
    const problem = server instanceof ServerUnseen ? server.message : undefined
    const seen = server instanceof ServerUnseen ? undefined : server
    return makeView(Date.now(), sightings, seen, problem)
  }

  close(): void {
    this.#server?.close()
  }

  async #ask(): Promise<readonly Sighting[]> {
    return this.#url ? Promise.all(this.#url.map((url) => askUrl(url))) : askMachine()
  }

  async #lookAtServer(): Promise<ServerView | ServerUnseen | undefined> {
    try {
      return await this.#server?.look()
    } catch (error) {
      if (error instanceof ServerUnseen) return error
      throw error
    }
  }
}
