import type { AddressInfo } from 'node:net'

import type { FastifyInstance } from 'fastify'

import { after } from './after.ts'
import { buildApp } from './app.ts'
import { before } from './before.ts'
import { serveTasks } from './child.ts'
import type { DataAccess, DataAccessOptions, Mode } from './database.ts'
import { addDoors } from './doors.ts'
import { type JobsOptions, runJobs } from './jobs.ts'

interface ListenOptions extends DataAccessOptions {
  readonly mode: Mode
  readonly clients: number
}

let access: DataAccess
let app: FastifyInstance
let opened: Promise<void>

const tasks = {
  /** Resolves with the port. */
  listen: async ({ mode, clients, ...options }: ListenOptions) => {
    access = mode === 'before' ? before(options) : after(options)
    app = await buildApp(access)
    opened = addDoors(app, clients)
    await app.listen({ port: 0, host: '127.0.0.1', backlog: 4096 })
    return (app.server.address() as AddressInfo).port
  },
  jobs: async (options: JobsOptions) => {
    await opened
    return await runJobs(access, options)
  },
  measure: async () => ({
    reuseRate: access.reuseRate(),
    peakMemoryMb: process.resourceUsage().maxRSS / 1024,
  }),
  close: () => app.close(),
}

export type AppTasks = typeof tasks

serveTasks(tasks)
