import { connect, type Socket } from 'node:net'

import { DelayLine } from './delay-line.ts'

/** The proxy's faults that its links look at for every chunk. */
export interface LinkFaults {
  delay: number
  greetingDelay: number
  blackHole: boolean
}

export interface LinkTarget {
  readonly host: string
  readonly port: number
}

/** One client's connection through the proxy, and the one to the server behind it. */
export class ProxyLink {
  readonly #client: Socket
  readonly #server: Socket | undefined
  readonly #faults: LinkFaults
  readonly #toClient: DelayLine = new DelayLine()
  readonly #toServer: DelayLine = new DelayLine()
  #greetingDelay: number
  #clientGone = false
  #closed = false
  // A stream that lost bytes cannot go on: like a broken TCP connection it stays mute, even after `heal`.
  #lost: boolean

  constructor(
    client: Socket,
    target: LinkTarget,
    faults: LinkFaults,
    onClientBytes: (chunk: Buffer) => void,
  ) {
    this.#client = client
    this.#faults = faults
    this.#greetingDelay = faults.greetingDelay
    this.#lost = faults.blackHole
    this.#server = this.#lost ? undefined : connectTo(target)
    this.#listenToClient(onClientBytes)
    if (this.#server) this.#listenToServer(this.#server)
    // A test's own sockets keep it running, not ours.
    client.unref()
    this.#server?.unref()
  }

  get open(): boolean {
    return !this.#closed && !this.#clientGone
  }

  /** Calls back when neither side is left. */
  whenGone(listener: () => void): void {
    const sockets = [this.#client, this.#server].filter((socket) => socket !== undefined)
    const check = (): void => {
      if (sockets.every((socket) => socket.destroyed)) listener()
    }
    for (const socket of sockets) socket.once('close', check)
  }

  /** FIN to both sides. */
  cut(): void {
    this.#close()
    this.#client.end()
    this.#server?.end()
  }

  /** RST to both sides. */
  reset(): void {
    this.#close()
    this.#client.resetAndDestroy()
    this.#server?.resetAndDestroy()
  }

  /** The server's side is gone and the client is not told. */
  halfOpen(): void {
    this.#lost = true
    this.#server?.destroy()
  }

  /** The server may learn now that a client went while nothing came through. */
  heal(): void {
    if (this.#lost && !this.open) this.destroy()
  }

  destroy(): void {
    this.#close()
    this.#client.destroy()
    this.#server?.destroy()
  }

  #close(): void {
    this.#closed = true
    this.#toClient.clear()
    this.#toServer.clear()
  }

  #listenToClient(onClientBytes: (chunk: Buffer) => void): void {
    const client = this.#client
    client.on('data', (chunk) => {
      onClientBytes(chunk)
      this.#pass(this.#toServer, this.#faults.delay, () => forward(chunk, client, this.#server))
    })
    client.on('end', () => {
      this.#clientGone = true
      this.#pass(this.#toServer, this.#faults.delay, () => this.#server?.end())
      if (!this.#faults.blackHole) this.heal()
    })
    client.on('error', ignore)
    client.on('close', (failed) => {
      this.#clientGone = true
      if (failed) this.#pass(this.#toServer, 0, () => this.#server?.resetAndDestroy())
    })
  }

  #listenToServer(server: Socket): void {
    server.on('data', (chunk) => {
      const delay = Math.max(this.#faults.delay, this.#greetingDelay)
      this.#greetingDelay = 0
      this.#pass(this.#toClient, delay, () => forward(chunk, server, this.#client))
    })
    server.on('end', () => {
      this.#pass(this.#toClient, this.#faults.delay, () => this.#client.end())
    })
    server.on('error', ignore)
    server.on('close', (failed) => {
      if (failed) this.#pass(this.#toClient, 0, () => this.#client.resetAndDestroy())
    })
  }

  #pass(line: DelayLine, delay: number, action: () => void): void {
    if (this.#closed) return
    this.#lost ||= this.#faults.blackHole
    if (!this.#lost) line.push(() => this.#lost || action(), delay)
  }
}

function connectTo({ host, port }: LinkTarget): Socket {
  return connect({ host, port, noDelay: true, allowHalfOpen: true })
}

function forward(chunk: Buffer, from: Socket, to: Socket | undefined): void {
  if (to === undefined || to.destroyed || to.write(chunk)) return
  // A reader that stops reading must be felt by the writer, as without us.
  from.pause()
  to.once('drain', () => from.resume())
}

function ignore(): void {}
