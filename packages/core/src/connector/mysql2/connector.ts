import { AsyncResource } from 'node:async_hooks'

import { type Connection, type ConnectionOptions, createConnection } from 'mysql2'

import { VerdictCache } from '../../session/verdict.ts'
import type { Clock } from '../../util/clock.ts'
import type { Connector } from '../connector.ts'
import { ControlConnection } from './control-connection.ts'
import { observes } from './self-test.ts'
import { Mysql2Session } from './session.ts'
import type { SetUp } from './set-up.ts'
import { socketOf, Wire } from './wire.ts'

export interface Mysql2ConnectorOptions {
  /** Passed on to mysql2 as they are. */
  readonly driver: ConnectionOptions
  /** Asked before every connect; wins over `driver.password`. */
  readonly password: (() => string | Promise<string>) | undefined
  readonly setUp: SetUp
  readonly safeFunctions: ReadonlySet<string>
  readonly clock: Clock
}

/** Opens mysql2 connections to one server. */
export class Mysql2Connector implements Connector {
  readonly target: string
  readonly #options: Mysql2ConnectorOptions
  readonly #verdicts: VerdictCache
  readonly #control: ControlConnection
  // A connection lives longer than the request that opens it: neither may it keep that one's async context alive, nor
  // are the statements of its set-up that one's.
  readonly #context = new AsyncResource('LifeguardConnector')
  #observable: Promise<boolean> | undefined

  constructor(options: Mysql2ConnectorOptions) {
    this.#options = options
    this.target = describeTarget(options.driver)
    this.#verdicts = new VerdictCache({ safeFunctions: options.safeFunctions })
    this.#control = new ControlConnection(
      (signal) => this.#context.runInAsyncScope(() => this.#connect(signal)),
      options.clock,
    )
  }

  open(signal: AbortSignal): Promise<Mysql2Session> {
    return this.#context.runInAsyncScope(() => this.#open(signal))
  }

  async #open(signal: AbortSignal): Promise<Mysql2Session> {
    const core = await this.#connect(signal)
    const wire = new Wire(core, (sql) => this.#verdicts.judge(sql), this.#options.clock)
    const session = new Mysql2Session(core, wire, this.#options.setUp)
    let onAbort!: () => void
    // mysql2 never calls back for what was sent on a connection that we destroy.
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason as Error)
    })
    aborted.catch(() => {})
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      signal.throwIfAborted()
      const observable = await Promise.race([this.#selfTest(session, aborted), aborted])
      await Promise.race([session.begin(observable), aborted])
      session.setObservable(observable)
      return session
    } catch (error) {
      session.destroy()
      throw error
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  kill(threadId: number, what: 'query' | 'connection'): Promise<void> {
    return this.#control.run(`KILL ${what === 'query' ? 'QUERY' : 'CONNECTION'} ${threadId}`)
  }

  close(): Promise<void> {
    return this.#control.close()
  }

  /** Run by the first session; those that open meanwhile wait for its verdict, or for its end. */
  #selfTest(session: Mysql2Session, aborted: Promise<never>): Promise<boolean> {
    this.#observable ??= Promise.race([observes(session), aborted]).catch((error: unknown) => {
      // The connection broke, which says nothing about mysql2: the next one is tested instead.
      this.#observable = undefined
      throw error
    })
    return this.#observable
  }

  async #connect(signal: AbortSignal): Promise<Connection> {
    const { driver, password } = this.#options
    const secret = password ? { password: await password() } : {}
    signal.throwIfAborted()
    return new Promise<Connection>((resolve, reject) => {
      const core = createConnection({ ...driver, ...secret })
      const onAbort = (): void => {
        socketOf(core).destroy()
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      // mysql2 may emit more than one error for one failure; only the first has a listener otherwise.
      core.on('error', () => {})
      core.connect((error) => {
        signal.removeEventListener('abort', onAbort)
        if (!error) return resolve(core)
        core.destroy()
        reject(error)
      })
    })
  }
}

function describeTarget(driver: ConnectionOptions): string {
  const path = driver.socketPath ?? socketPathOf(driver.uri)
  if (path) return path
  // Host and port alone: the rest of a URI holds a password. What is given beside it wins, as in mysql2.
  const uri = driver.uri === undefined ? undefined : new URL(driver.uri)
  const host = driver.host ?? (uri?.hostname || 'localhost')
  const port = driver.port ?? (uri?.port || 3306)
  return `${host}:${port}`
}

function socketPathOf(uri: string | undefined): string | undefined {
  return uri === undefined ? undefined : (new URL(uri).searchParams.get('socketPath') ?? undefined)
}
