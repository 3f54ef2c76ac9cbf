import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

// Below the range from which kernels take the ports of outgoing connections: a server that is down for a
// moment must find its port free when it restarts.
const FIRST = 18_000
const LAST = 32_000

/** A port on 127.0.0.1 that nobody listens on. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST)
    if (await isFree(port)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

/** Runs `start` on a free port; again on another one when that fails, since ports can be lost meanwhile. */
export async function onFreePort<T>(
  port: number | undefined,
  start: (port: number) => Promise<T>,
): Promise<T> {
  if (port !== undefined) return await start(port)
  try {
    return await start(await freePort())
  } catch (error) {
    if (!/address already in use|in use/i.test(String(error))) throw error
    return await start(await freePort())
  }
}
