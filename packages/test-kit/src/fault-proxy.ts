import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

import { CommandParser, type ClientCommand } from './command-parser.ts'
import { databaseUrl, type DatabaseAddress, type Flavor } from './database-address.ts'
import { ProxyLink, type LinkFaults, type LinkTarget } from './proxy-link.ts'

/** What may stand behind a proxy: a database server, or anything with a host and a port. */
export type ProxyTarget = LinkTarget &
  Partial<Pick<DatabaseAddress, 'flavor' | 'user' | 'password'>>

type BytesListener = (chunk: Buffer, connection: number) => void
type CommandListener = (command: ClientCommand) => void

/** Starts a proxy on a free port of 127.0.0.1. */
export async function startFaultProxy(target: ProxyTarget): Promise<FaultProxy> {
  const server = createServer({ allowHalfOpen: true, noDelay: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  return new FaultProxy(server, target)
}

/**
 * A TCP proxy that misbehaves on demand, and counts what clients send. It can stand wherever a database's
 * address can.
 */
export class FaultProxy implements DatabaseAddress {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly flavor: Flavor
  readonly user: string
  readonly password: string
  /** How many connections were let in, ever. */
  accepted = 0
  /** How many were turned away by `refuse`. */
  refused = 0
  /** The MySQL commands that clients sent, in the order they arrived. */
  commands: ClientCommand[] = []
  /** How many chunks of clients' bytes began at least one command; pipelined ones share a chunk. */
  writes = 0

  readonly #server: Server
  readonly #target: ProxyTarget
  readonly #links: Set<ProxyLink> = new Set()
  readonly #faults: LinkFaults = { delay: 0, greetingDelay: 0, blackHole: false }
  readonly #bytesListeners: Set<BytesListener> = new Set()
  readonly #commandListeners: Set<CommandListener> = new Set()
  #refusing = false
  #stopped: Promise<void> | undefined

  /** @internal use `startFaultProxy` */
  constructor(server: Server, target: ProxyTarget) {
    this.#server = server
    this.#target = target
    this.port = (server.address() as AddressInfo).port
    this.flavor = target.flavor ?? 'mariadb'
    this.user = target.user ?? 'root'
    this.password = target.password ?? ''
    server.on('connection', (client) => this.#accept(client))
  }

  /** The server's URL, through this proxy. */
  uri(database?: string): string {
    return databaseUrl(this.host, this.port, this.user, this.password, database)
  }

  /** How many clients are connected now. */
  get connections(): number {
    return [...this.#links].filter((link) => link.open).length
  }

  clearCommands(): void {
    this.commands = []
    this.writes = 0
  }

  /** Connections made from now on get the server's first bytes this late. */
  delayGreeting(ms: number): void {
    this.#faults.greetingDelay = ms
  }

  /** Every chunk is this late, in both directions. */
  delay(ms: number): void {
    this.#faults.delay = ms
  }

  /**
   * Accepts connections and swallows all bytes, also ends of connections. A connection that lost something
   * stays mute for ever; `heal` is for those made afterwards.
   */
  blackHole(on = true): void {
    this.#faults.blackHole = on
    if (!on) this.#healLinks()
  }

  /** Closes new connections at once. */
  refuse(on = true): void {
    this.#refusing = on
  }

  /** Ends all connections in order (FIN). */
  cutAll(): void {
    for (const link of this.#links) link.cut()
  }

  /** Breaks all connections (RST). */
  resetAll(): void {
    for (const link of this.#links) link.reset()
  }

  /** The server loses all connections, and the clients see nothing of it. */
  halfOpen(): void {
    for (const link of this.#links) link.halfOpen()
  }

  /** Ends every fault; what was broken stays broken. */
  heal(): void {
    this.#refusing = false
    Object.assign(this.#faults, { delay: 0, greetingDelay: 0, blackHole: false })
    this.#healLinks()
  }

  /** Sees clients' bytes before they go on; the answer takes the listener away. */
  onClientBytes(listener: BytesListener): () => void {
    this.#bytesListeners.add(listener)
    return () => this.#bytesListeners.delete(listener)
  }

  /** Sees each command before its last bytes go on: a fault made in the listener comes before the server. */
  onCommand(listener: CommandListener): () => void {
    this.#commandListeners.add(listener)
    return () => this.#commandListeners.delete(listener)
  }

  async stop(): Promise<void> {
    this.#stopped ??= this.#close()
    await this.#stopped
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.ref()
    this.#server.close()
    for (const link of this.#links) link.destroy()
    await closed
  }

  #healLinks(): void {
    for (const link of this.#links) link.heal()
  }

  #accept(client: Socket): void {
    if (this.#refusing) {
      this.refused++
      client.destroy()
      return
    }
    const connection = ++this.accepted
    const parser = new CommandParser(connection)
    const link = new ProxyLink(client, this.#target, this.#faults, (chunk) => {
      for (const listener of this.#bytesListeners) listener(chunk, connection)
      this.#record(parser.push(chunk))
    })
    this.#links.add(link)
    link.whenGone(() => this.#links.delete(link))
  }

  #record(seen: { commands: ClientCommand[]; begins: boolean }): void {
    if (seen.begins) this.writes++
    for (const command of seen.commands) {
      this.commands.push(command)
      for (const listener of this.#commandListeners) listener(command)
    }
  }
}
