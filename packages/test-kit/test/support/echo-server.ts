import { once } from 'node:events'
import { createServer, connect, type AddressInfo, type Socket } from 'node:net'

import { startFaultProxy, type FaultProxy } from '@lifeguard/test-kit'
import type { Test } from 'tap'

export interface EchoSetup {
  proxy: FaultProxy
  /** How many connections the server has. */
  serverSockets: Set<Socket>
  connect: () => Promise<Socket>
}

/** A proxy before a server that sends everything back; all of it ends with the test. */
export async function echoThroughProxy(test: Test): Promise<EchoSetup> {
  const serverSockets = new Set<Socket>()
  const server = createServer((socket) => {
    serverSockets.add(socket)
    socket.on('close', () => serverSockets.delete(socket))
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await startFaultProxy({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
  })
  test.teardown(async () => {
    await proxy.stop()
    server.close()
  })
  return {
    proxy,
    serverSockets,
    connect: async () => {
      const socket = connect(proxy.port, proxy.host)
      test.teardown(() => socket.destroy())
      await once(socket, 'connect')
      return socket
    },
  }
}

/** What comes back for `text`, as far as one chunk goes. */
export async function echo(socket: Socket, text: string): Promise<string> {
  socket.write(text)
  const [chunk] = (await once(socket, 'data', { signal: AbortSignal.timeout(5000) })) as [Buffer]
  return chunk.toString()
}
