import { adminQuery, startMariadb } from '@lifeguard/test-kit'

import { type Benchmark, DATABASE } from './benchmark.ts'
import { cycle } from './cycle.ts'
import { dropIn } from './drop-in.ts'
import { fairness } from './fairness.ts'
import { fastify } from './fastify.ts'
import { hooks } from './hooks.ts'
import { look } from './look.ts'
import { query } from './query.ts'
import { ramp } from './ramp.ts'
import { seen } from './seen.ts'
import { spike } from './spike.ts'
import { unheard } from './unheard.ts'

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  cycle,
  query,
  'drop-in': dropIn,
  fastify,
  hooks,
  seen,
  unheard,
  look,
  spike,
  ramp,
  fairness,
}

const args = process.argv.slice(2)
const quick = args.includes('--quick')
const names = args.filter((arg) => arg !== '--quick')
const unknown = names.filter((name) => !Object.hasOwn(BENCHMARKS, name))
if (unknown.length > 0) {
  console.error(
    `No benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHMARKS).join(', ')}`,
  )
  process.exit(2)
}

const server = await startMariadb({ maxConnections: 400 })
try {
  await adminQuery(server, `CREATE DATABASE ${DATABASE}`)
  await adminQuery(
    server,
    `CREATE TABLE ${DATABASE}.item (id INT PRIMARY KEY, name VARCHAR(40), price INT)
     SELECT seq AS id, CONCAT('item ', seq) AS name, seq * 10 AS price FROM ${DATABASE}.seq_1_to_1000`,
  )
  for (const name of names.length > 0 ? names : Object.keys(BENCHMARKS)) {
    const benchmark = BENCHMARKS[name]!
    console.log(`\n${benchmark.title}`)
    await benchmark.run({ server, quick })
  }
} finally {
  await server.stop()
}
