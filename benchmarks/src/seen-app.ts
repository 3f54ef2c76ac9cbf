import { setTimeout as sleep } from 'node:timers/promises'

import { get } from '@lifeguard/test-kit'

import { Contestant } from './contestant.ts'
import type { Look, SeenConfig, SeenState, Service } from './contestants/seen-app.ts'
import { seededRandom } from './demo/random.ts'
import { shopRequests } from './demo/workload.ts'
import { type AppLoad, type LoadOptions, startLoad } from './load-apps.ts'
import { pin } from './pin.ts'

/**
 * Asked once in each second. Of an app that is not scraped something else is asked as often, as it is of each service:
 * the first other route, and the first other client, have V8 throw away the code that it compiled for one of each.
 */
const VIEWS = ['/metrics', '/collect', '/report']
const NO_VIEWS = ['/health', '/health', '/health']
/** What clients ask of it. Both apps of a pair get the same. */
const LOADS: Readonly<Record<Service, () => LoadOptions>> = {
  shop: () => ({ next: shopRequests(seededRandom(1), 0) }),
  select: () => ({}),
}
const SCRAPED: ReadonlySet<Look> = new Set(['metrics', 'all'])

/** An app with its load, from its start to its end, that stands still between its turns. */
export class SeenApp {
  readonly #app: Contestant<undefined, SeenState>
  readonly #port: number
  readonly #questions: readonly string[]
  readonly #load: ReturnType<typeof startLoad>
  #before: SeenState | undefined
  #after: SeenState | undefined
  #turnMs = 0
  #asked: Promise<unknown> | undefined

  private constructor(
    app: Contestant<undefined, SeenState>,
    port: number,
    { look, service }: SeenConfig,
  ) {
    this.#app = app
    this.#port = port
    this.#questions = SCRAPED.has(look) ? VIEWS : NO_VIEWS
    this.#load = startLoad(port, LOADS[service]())
  }

  static async start(config: SeenConfig): Promise<SeenApp> {
    const app = await Contestant.start<undefined, SeenState>('seen-app', config)
    await pin(app.pid, 0)
    const { port } = await app.run(undefined)
    return new SeenApp(app, port, config)
  }

  /** All turns together. */
  get load(): AppLoad {
    const requests = this.#after!.requests - this.#before!.requests
    return {
      perSecond: (requests * 1000) / this.#turnMs,
      cpuMicros: (this.#after!.cpuMicros - this.#before!.cpuMicros) / requests,
    }
  }

  async ask(): Promise<void> {
    await Promise.all(this.#questions.map((path) => get(`http://127.0.0.1:${this.#port}${path}`)))
  }

  /** Stands still, and is measured from its first turn on. */
  freeze(): void {
    this.#app.freeze()
  }

  /** One turn. An answer that is asked for in it may come in a later one. */
  async play(ms: number, isAsked: boolean): Promise<void> {
    this.#app.thaw()
    this.#before ??= await this.#app.run(undefined)
    const began = performance.now()
    if (isAsked) this.#asked = Promise.all([this.#asked, this.ask()])
    await sleep(ms)
    this.#app.freeze()
    this.#turnMs += performance.now() - began
  }

  /** The end of what is measured. */
  async finish(): Promise<void> {
    this.#app.thaw()
    const began = performance.now()
    this.#after = await this.#app.run(undefined)
    this.#turnMs += performance.now() - began
    await this.#asked
    this.#app.freeze()
  }

  async stop(): Promise<void> {
    this.#app.thaw()
    await this.#load.stop()
    await this.#app.stop()
  }
}
