import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

/**
 * One variant of a benchmark in a process of its own, so that neither its optimised code nor its
 * AsyncLocalStorage is another variant's. It waits while others have their turn.
 */
export class Contestant<Run, Reply> {
  readonly #child: ChildProcess
  #lastId = 0

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** `module` is the name of a file in `contestants/`, which calls `serve`. */
  static async start<Run, Reply>(module: string, config: unknown): Promise<Contestant<Run, Reply>> {
    const path = fileURLToPath(new URL(`contestants/${module}.js`, import.meta.url))
    const child = fork(path, [JSON.stringify(config)])
    const contestant = new Contestant<Run, Reply>(child)
    await contestant.#answer(0)
    return contestant
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Lets it run one round. */
  async run(request: Run): Promise<Reply> {
    const id = ++this.#lastId
    const answer = this.#answer(id)
    this.#child.send({ id, request })
    return (await answer) as Reply
  }

  /** Has the whole process stand still until `thaw`. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.disconnect()
    await exit
  }

  #answer(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        this.#child.off('message', onMessage)
        this.#child.off('exit', onExit)
      }
      const onMessage = (answer: Answer): void => {
        if (answer.id !== id) return
        done()
        if (answer.error === undefined) resolve(answer.result)
        else reject(new Error(answer.error))
      }
      const onExit = (code: number | null): void => {
        done()
        reject(new Error(`A contestant exited with ${code}`))
      }
      this.#child.on('message', onMessage)
      this.#child.on('exit', onExit)
    })
  }
}
