import { once } from 'node:events'
import { connect } from 'node:net'

import { requireBinary, type Program } from './binaries.ts'
import { temporaryFolder } from './folders.ts'
import { onFreePort } from './free-port.ts'
import { ServerProcess, type ServerControl } from './server-process.ts'

export interface RedisOptions {
  /** Write every command to disk, so that a restart finds the data again. */
  readonly appendonly?: boolean
  /** Further server arguments, such as `['--maxmemory-policy', 'noeviction']`. */
  readonly args?: readonly string[]
  readonly port?: number
}

export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly url: string
}

/** A private Redis that ends, and is removed, with this process. */
export interface RedisServer extends RedisAddress, ServerControl {}

export const REDIS: Program = {
  title: 'Redis',
  names: ['redis-server', 'valkey-server'],
  packageName: 'redis-server',
  urlVariable: 'REDIS_URL',
}

/** A private Redis on a free port; without `appendonly` it forgets everything when it ends. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const binary = await requireBinary(REDIS)
  return await onFreePort(options.port, async (port) => {
    const folder = await temporaryFolder()
    const appendonly = options.appendonly === true ? 'yes' : 'no'
    const settings = `--port ${port} --bind 127.0.0.1 --appendonly ${appendonly} --appendfsync always`
    const server = await ServerProcess.start({
      command: binary,
      args: [...settings.split(' '), '--dir', folder, '--save', '', ...(options.args ?? [])],
      folder,
      ready: () => pingRedis(port),
    })
    const url = `redis://127.0.0.1:${port}`
    return Object.assign(server, { host: '127.0.0.1', port, url } as const)
  })
}

/** In the protocol's inline form, so that the kit needs no Redis client. */
async function pingRedis(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  try {
    socket.setTimeout(2000, () => socket.destroy(new Error('No answer to PING')))
    socket.write('PING\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    if (!answer.toString().startsWith('+PONG')) throw new Error(answer.toString())
  } finally {
    socket.destroy()
  }
}

export function parseRedisUrl(url: string): RedisAddress {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port || 6379), url }
}
