import { setTimeout as sleep } from 'node:timers/promises'

import { type DatabaseAddress, get } from '@lifeguard/test-kit'

import { addressOf } from './benchmark.ts'
import { Contestant } from './contestant.ts'
import type { Look, SeenConfig, SeenState } from './contestants/seen-app.ts'
import { type AppLoad, startLoad } from './load-apps.ts'
import { pin } from './pin.ts'

/**
 * Asked once in each second. Of an app that is not scraped something else is asked as often, as it is of each service:
 * the first other route, and the first other client, have V8 throw away the code that it compiled for one of each.
 */
const VIEWS = ['/metrics', '/collect', '/report']
const NO_VIEWS = ['/health', '/health', '/health']
const SCRAPED: ReadonlySet<Look> = new Set(['metrics', 'all'])
/** So short that two apps in turns see the same of the machine's moods. */
const WINDOW_MS = 200
/** For the answers of an app that stood still to be under way again. */
const SETTLE_MS = 50

/** An app with its load, from its start to its end, that stands still between its windows. */
export class SeenApp {
  readonly #app: Contestant<undefined, SeenState>
  readonly #port: number
  readonly #questions: readonly string[]
  readonly #load: ReturnType<typeof startLoad>
  #ms = 0
  #requests = 0
  #cpuMicros = 0

  private constructor(app: Contestant<undefined, SeenState>, port: number, look: Look) {
    this.#app = app
    this.#port = port
    this.#questions = SCRAPED.has(look) ? VIEWS : NO_VIEWS
    this.#load = startLoad(port)
  }

  static async start(server: DatabaseAddress, look: Look): Promise<SeenApp> {
    const config: SeenConfig = { address: addressOf(server), size: 10, look }
    const app = await Contestant.start<undefined, SeenState>('seen-app', config)
    await pin(app.pid, 0)
    const { port } = await app.run(undefined)
    return new SeenApp(app, port, look)
  }

  /** All windows together. */
  get load(): AppLoad {
    return {
      perSecond: (this.#requests * 1000) / this.#ms,
      cpuMicros: this.#cpuMicros / this.#requests,
    }
  }

  async ask(): Promise<void> {
    await Promise.all(this.#questions.map((path) => get(`http://127.0.0.1:${this.#port}${path}`)))
  }

  /** One window. */
  async play(isAsked: boolean): Promise<void> {
    this.#app.thaw()
    await sleep(SETTLE_MS)
    const before = await this.#app.run(undefined)
    const answer = isAsked ? this.ask() : undefined
    await sleep(WINDOW_MS)
    const after = await this.#app.run(undefined)
    await answer
    this.#app.freeze()
    this.#ms += after.atMs - before.atMs
    this.#requests += after.requests - before.requests
    this.#cpuMicros += after.cpuMicros - before.cpuMicros
  }

  freeze(): void {
    this.#app.freeze()
  }

  async stop(): Promise<void> {
    this.#app.thaw()
    await this.#load.stop()
    await this.#app.stop()
  }
}
