import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What a child process can be asked for. */
export type Tasks = Record<string, (input: never) => Promise<unknown>>

type Input<F> = F extends (input: infer I) => Promise<unknown> ? I : never
type Output<F> = F extends (input: never) => Promise<infer O> ? O : never

interface Question {
  readonly id: number
  readonly task: string
  readonly input: unknown
}

type Message =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly news: unknown }

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

const STDERR_TAIL = 2000
const running = new Set<Child<Tasks>>()
let stopping = false

/** A part of the demo in a process of its own, with an event loop and a memory of its own. */
export class Child<T extends Tasks> {
  /** Called with whatever the child tells unasked. */
  onNews: (news: unknown) => void = () => {}
  readonly #process: ChildProcess
  readonly #pending = new Map<number, Pending>()
  #questions = 0
  #stderr = ''

  constructor(script: string) {
    if (stopping) throw new Error('The demo is being stopped')
    this.#process = fork(fileURLToPath(new URL(script, import.meta.url)), {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL)
    })
    this.#process.on('message', (message: Message) => this.#receive(message))
    this.#process.on('exit', (code, signal) => {
      running.delete(this)
      const error = new Error(`${script} ended (${signal ?? code})\n${this.#stderr}`.trim())
      for (const pending of this.#pending.values()) pending.reject(error)
      this.#pending.clear()
    })
    running.add(this)
  }

  ask<K extends keyof T & string>(task: K, input: Input<T[K]>): Promise<Output<T[K]>> {
    const id = this.#questions++
    const question: Question = { id, task, input }
    return new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#process.send(question, (error) => error && reject(error))
    }) as Promise<Output<T[K]>>
  }

  /** Whatever it is doing. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exit = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await exit
  }

  #receive(message: Message): void {
    if ('news' in message) return this.onNews(message.news)
    const pending = this.#pending.get(message.id)
    this.#pending.delete(message.id)
    if ('error' in message) pending?.reject(new Error(message.error))
    else pending?.resolve(message.value)
  }
}

/** For good: none can be started any more. */
export async function stopChildren(): Promise<void> {
  stopping = true
  await Promise.all([...running].map((child) => child.stop()))
}

/** Answers the parent's questions, until the parent is gone. */
export function serveTasks(tasks: Tasks): void {
  // Ctrl-C reaches the whole group of processes; the parent ends its children in its own order.
  process.on('SIGINT', () => {})
  process.on('disconnect', () => process.exit())
  process.on('message', ({ id, task, input }: Question) => {
    tasks[task]!(input as never).then(
      (value) => process.send!({ id, value }),
      (error: unknown) =>
        process.send!({ id, error: error instanceof Error ? error.stack : String(error) }),
    )
  })
}

export function tellParent(news: unknown): void {
  process.send!({ news })
}
