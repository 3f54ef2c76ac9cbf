import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

import { startReaper, type Reaper } from './reaper.ts'

const START_TIMEOUT = 60_000
const SHUTDOWN_TIMEOUT = 30_000
const POLL = 15

export interface ServerCommand {
  readonly command: string
  readonly args: readonly string[]
  /** Everything of this server's; removed with it. Must exist. */
  readonly folder: string
  /** Fills the folder, before the first start. */
  readonly prepare?: () => Promise<void>
  /** Resolves when the server answers; rejects while it does not. */
  readonly ready: () => Promise<unknown>
}

/** Faults of a server process; `stop` is the end, everything else can be followed by `restart`. */
export interface ServerControl {
  readonly running: boolean
  readonly pid: number | undefined
  /** Everything of the server's, its log (`server.log`) too; gone after `stop`. */
  readonly folder: string
  /** The server and its data are gone. */
  stop(): Promise<void>
  /** SIGKILL; the data stay. */
  kill(): Promise<void>
  /** SIGTERM: an orderly shutdown that clients can notice; the data stay. */
  shutdown(): Promise<void>
  /** SIGSTOP: connections stay open and nobody answers. */
  pause(): void
  /** SIGCONT. */
  resume(): void
  /** Same port, same data, after a `shutdown` if it runs; resolves when it answers. */
  restart(): Promise<void>
}

/** A server as a child process, whose end and folder are a reaper's business. */
export class ServerProcess implements ServerControl {
  readonly #spec: ServerCommand
  readonly #reaper: Reaper
  readonly #log: string
  #child: ChildProcess | undefined
  #stopped: Promise<void> | undefined

  private constructor(spec: ServerCommand) {
    this.#spec = spec
    this.#log = `${spec.folder}/server.log`
    this.#reaper = startReaper(spec.folder)
  }

  /** Starts the server, and waits until it answers. */
  static async start(spec: ServerCommand): Promise<ServerProcess> {
    const server = new ServerProcess(spec)
    // From here on the reaper knows the folder: whatever fails, it goes.
    try {
      await spec.prepare?.()
      await server.#launch()
      return server
    } catch (cause) {
      await server.stop()
      throw cause
    }
  }

  get folder(): string {
    return this.#spec.folder
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  get running(): boolean {
    return this.#child !== undefined
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async shutdown(): Promise<void> {
    // A stopped process would hear SIGTERM only when it goes on.
    this.resume()
    const giveUp = setTimeout(() => this.#child?.kill('SIGKILL'), SHUTDOWN_TIMEOUT)
    try {
      await this.#end('SIGTERM')
    } finally {
      clearTimeout(giveUp)
    }
  }

  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  async restart(): Promise<void> {
    if (this.#stopped) throw new Error('This server was stopped, its data are gone')
    await this.shutdown()
    await this.#launch()
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#reap()
    return this.#stopped
  }

  async #reap(): Promise<void> {
    await this.#end('SIGKILL')
    await this.#reaper.reap()
    // Somebody may have killed the reaper.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  async #launch(): Promise<void> {
    const child = this.#spawn()
    const deadline = Date.now() + START_TIMEOUT
    for (;;) {
      if (this.#child !== child) throw new Error(`${this.#describe()} ended at once`)
      try {
        await this.#spec.ready()
        // Another program may have answered on our port while our own server failed to bind it.
        if (this.#child === child) return
      } catch (cause) {
        if (Date.now() > deadline) throw new Error(`${this.#describe()} does not answer`, { cause })
      }
      await sleep(POLL)
    }
  }

  #spawn(): ChildProcess {
    const log = openSync(this.#log, 'a')
    const { command, args, folder } = this.#spec
    const child = spawn(command, args, {
      stdio: ['ignore', log, log],
      // Out of the terminal's process group: Ctrl-C is for us, we take the server down.
      detached: true,
      cwd: folder,
    })
    closeSync(log)
    this.#child = child
    if (child.pid !== undefined) this.#reaper.watch(child.pid)
    const ended = (): void => {
      if (this.#child !== child) return
      this.#child = undefined
      this.#reaper.watch(0)
    }
    child.once('exit', ended)
    child.once('error', ended)
    child.unref()
    return child
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    const exited = exitOf(child)
    child.kill(signal)
    await exited
  }

  #describe(): string {
    return `${this.#spec.command} (its log ends with:\n${tail(this.#log)})\n`
  }
}

/** Keeps this process alive until the child has exited. */
async function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.ref()
  await once(child, 'exit')
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n')
}
