/** A command that a client sent; `text` is the statement or database name where the command has one. */
export interface ClientCommand {
  /** Counts the proxy's connections from 1. */
  readonly connection: number
  readonly code: number
  readonly text: string
}

/** Codes of the MySQL protocol's commands that tests ask for. */
export const Command: {
  readonly quit: 1
  readonly initDb: 2
  readonly query: 3
  readonly ping: 14
  readonly changeUser: 17
  readonly prepare: 22
  readonly execute: 23
  readonly closeStatement: 25
  readonly resetConnection: 31
} = {
  quit: 1,
  initDb: 2,
  query: 3,
  ping: 14,
  changeUser: 17,
  prepare: 22,
  execute: 23,
  closeStatement: 25,
  resetConnection: 31,
}

const WITH_TEXT: readonly number[] = [Command.initDb, Command.query, Command.prepare]
const HEADER = 4
/** What is kept of a packet; a test that loads megabytes does not want them twice. */
const KEPT = 64 * 1024

/**
 * Finds the commands in one client's bytes. A packet is three bytes of length, a sequence id and a payload;
 * a command is a packet with id 0, since the handshake's and a file upload's packets continue the server's
 * sequence. Chunks cut packets anywhere.
 */
export class CommandParser {
  readonly #connection: number
  readonly #header = Buffer.alloc(HEADER)
  #headerBytes = 0
  #missing = 0
  #payload: Buffer[] = []
  #kept = 0

  constructor(connection: number) {
    this.#connection = connection
  }

  /** The commands that this chunk completes, and whether any begins in it. */
  push(chunk: Buffer): { commands: ClientCommand[]; begins: boolean } {
    const commands: ClientCommand[] = []
    let begins = false
    let at = 0
    while (at < chunk.length) {
      if (this.#headerBytes < HEADER) {
        this.#header[this.#headerBytes++] = chunk.readUInt8(at++)
        if (this.#headerBytes < HEADER) continue
        this.#missing = this.#header.readUIntLE(0, 3)
        begins ||= this.#isCommand()
      }
      const part = chunk.subarray(at, at + this.#missing)
      at += part.length
      this.#missing -= part.length
      this.#keep(part)
      if (this.#missing === 0) commands.push(...this.#complete())
    }
    return { commands, begins }
  }

  #isCommand(): boolean {
    return this.#header[3] === 0
  }

  #keep(part: Buffer): void {
    if (!this.#isCommand() || this.#kept >= KEPT) return
    this.#payload.push(part.subarray(0, KEPT - this.#kept))
    this.#kept += part.length
  }

  #complete(): ClientCommand[] {
    const payload = Buffer.concat(this.#payload)
    const found = this.#isCommand() && payload.length > 0
    this.#headerBytes = 0
    this.#payload = []
    this.#kept = 0
    if (!found) return []
    const code = payload.readUInt8(0)
    return [{ connection: this.#connection, code, text: textOf(code, payload) }]
  }
}

function textOf(code: number, payload: Buffer): string {
  if (!WITH_TEXT.includes(code)) return ''
  // MySQL's query attributes come before the text: here none, in one set. No statement begins with a zero.
  const start = code === Command.query && payload[1] === 0 ? 3 : 1
  return payload.toString('utf8', start)
}
