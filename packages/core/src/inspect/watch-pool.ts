import type { Pool } from '../pool.ts'
import { addLivePool, livePools, removeLivePool } from './live-pools.ts'
import { ReportSocket } from './report-socket.ts'
import { report } from './report.ts'

let socket: ReportSocket | undefined

/** Makes a pool visible to `lifeguard monitor` until it has ended. */
export function watchPool(pool: Pool): void {
  addLivePool(pool)
  socket ??= ReportSocket.open(report)
  pool.on('ended', () => {
    removeLivePool(pool)
    if (livePools().length > 0) return
    socket?.close()
    socket = undefined
  })
}
