import { lookup } from 'node:dns/promises'

/** A name server that hangs must not keep anybody waiting. */
const LOOKUP_WITHIN_MS = 1000
const HERE: ReadonlySet<string> = new Set(['127.0.0.1', '::1'])

/** Tells whether addresses (`host:port`, or the path of a socket) are those of one server, whatever it is called. */
export class SameServer {
  readonly #addresses = new Map<string, Promise<string>>()

  /** Those of `targets` that are `server`. */
  async among(targets: Iterable<string>, server: string): Promise<ReadonlySet<string>> {
    const asked = await this.#addressOf(server)
    const all = await Promise.all(
      Array.from(new Set(targets), async (target) => ({
        target,
        address: target === server ? asked : await this.#addressOf(target),
      })),
    )
    return new Set(all.filter(({ address }) => address === asked).map(({ target }) => target))
  }

  #addressOf(target: string): Promise<string> {
    const known = this.#addresses.get(target) ?? resolve(target)
    this.#addresses.set(target, known)
    return known
  }
}

/** As it is where it cannot be resolved. */
async function resolve(target: string): Promise<string> {
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(target) ?? []
  if (host === undefined || target.startsWith('/')) return target
  const address = await addressOf(host)
  return `${HERE.has(address) ? 'here' : address}:${port}`
}

async function addressOf(host: string): Promise<string> {
  let timer!: NodeJS.Timeout
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(host), LOOKUP_WITHIN_MS)
  })
  const found = lookup(host).then(
    ({ address }) => address,
    () => host,
  )
  return await Promise.race([found, late]).finally(() => clearTimeout(timer))
}
