import { randomBytes } from 'node:crypto'
import { unlinkSync } from 'node:fs'
import { lstat, readdir, unlink } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'

import { makeRuntimeFolder, ownUid } from './runtime-folder.ts'

/** An abandoned socket is one that refuses; a young one may be about to listen. */
const YOUNG_MS = 10_000
/** For whoever asks to take the answer. */
const PATIENCE_MS = 2000
const MOST_AT_ONCE = 16
/** What every system takes, in bytes. */
const LONGEST_PATH = 103

/**
 * A socket of this process in its user's private folder: whoever connects is sent one JSON text. It neither keeps
 * the process alive nor hurts it: where it cannot be opened, the process goes on without, and warns.
 */
export class ReportSocket {
  readonly #answer: () => unknown
  #server: Server | undefined
  #path: string | undefined
  #closed = false
  readonly #onExit = (): void => this.#unlink()

  private constructor(answer: () => unknown) {
    this.#answer = answer
  }

  /** Not where `LIFEGUARD_MONITOR` is `off`. */
  static open(answer: () => unknown): ReportSocket {
    const socket = new ReportSocket(answer)
    const uid = ownUid()
    if (uid !== undefined && !isTurnedOff()) {
      socket.#open(uid).catch((error: unknown) => {
        process.emitWarning(
          `lifeguard monitor will not see this process: ${String(error)}. ` +
            'Set LIFEGUARD_RUNTIME_DIR to a folder that it may write to, or LIFEGUARD_MONITOR=off',
          'LifeguardWarning',
        )
      })
    }
    return socket
  }

  close(): void {
    this.#closed = true
    this.#server?.close()
    process.off('exit', this.#onExit)
  }

  async #open(uid: number): Promise<void> {
    const folder = await makeRuntimeFolder(uid)
    await removeAbandoned(folder)
    if (this.#closed) return
    // With a part that is by chance: containers that share a folder have the same process ids.
    const name = `${process.pid}-${threadId}-${randomBytes(4).toString('hex')}.sock`
    const path = join(folder, name)
    // It would be cut, and so lie elsewhere.
    if (Buffer.byteLength(path) > LONGEST_PATH) throw new Error(`${path} is too long for a socket`)
    const server = createServer((client) => this.#serve(client))
    server.maxConnections = MOST_AT_ONCE
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      // In a cluster's worker, `exclusive` keeps the primary out of it.
      server.listen({ path, exclusive: true }, resolve)
      server.unref()
    })
    server.on('error', () => {})
    if (this.#closed) return void server.close()
    this.#server = server
    this.#path = path
    process.on('exit', this.#onExit)
  }

  #serve(client: Socket): void {
    client.unref()
    client.on('error', () => {})
    client.setTimeout(PATIENCE_MS, () => client.destroy())
    client.end(this.#text())
  }

  #text(): string {
    try {
      return JSON.stringify(this.#answer())
    } catch (error) {
      return JSON.stringify({ error: String(error) })
    }
  }

  #unlink(): void {
    try {
      if (this.#path) unlinkSync(this.#path)
    } catch {
      // The next process that comes removes it.
    }
  }
}

function isTurnedOff(): boolean {
  return /^(?:off|false|0|no)$/i.test(process.env['LIFEGUARD_MONITOR'] ?? '')
}

/** Sockets of processes that were killed. */
async function removeAbandoned(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sock'))
  await Promise.all(names.map((name) => removeIfAbandoned(join(folder, name)).catch(() => {})))
}

/** Removes a socket on which nobody listens any more. Root leaves what is another user's to that user. */
export async function removeIfAbandoned(path: string): Promise<void> {
  const { mtimeMs, uid } = await lstat(path)
  const young = Date.now() - mtimeMs < YOUNG_MS
  if (uid === ownUid() && !young && (await refuses(path))) await unlink(path)
}

function refuses(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(path)
    const end = (refused: boolean): void => {
      client.destroy()
      resolve(refused)
    }
    client.unref()
    client.setTimeout(PATIENCE_MS, () => end(false))
    client.on('connect', () => end(false))
    client.on('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED'))
  })
}
