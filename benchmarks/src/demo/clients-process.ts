import { serveTasks, tellParent } from './child.ts'
import { type ClientsOptions, runClients } from './clients.ts'

const tasks = {
  run: (options: ClientsOptions) => runClients(options, tellParent),
}

export type ClientTasks = typeof tasks

serveTasks(tasks)
