import type { FastifyInstance } from 'fastify'

export const DOORS = '/doors'

/**
 * Where clients gather until all of them are there. Node accepts one connection in each turn of its event loop:
 * without this, most of 2000 clients would still queue in the kernel while the first ones are served. Resolves
 * when the doors open.
 */
export function addDoors(app: FastifyInstance, clients: number): Promise<void> {
  let missing = clients
  let open!: () => void
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  app.get(DOORS, async () => {
    if (--missing <= 0) open()
    await opened
    return 'come in'
  })
  return opened
}
