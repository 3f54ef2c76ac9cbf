import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The compiled tests that meet a database server. */
export function serverTests() {
  const folders = readdirSync('packages').map((name) => `packages/${name}/build/test/integration`)
  return [...folders, 'test/build/test'].filter((folder) => existsSync(folder)).flatMap(testsIn)
}

/** The compiled tests of what meets a framework, a terminal, or all of mysql2, and with it much of Node. */
export function adapterTests() {
  return ['mysql2', 'fastify', 'express', 'bullmq', 'metrics', 'monitor'].flatMap((name) =>
    testsIn(`packages/${name}/build/test`),
  )
}

function testsIn(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => join(folder, name))
}
