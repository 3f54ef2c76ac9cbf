// node scripts/test.js [--server=mariadb|mysql] [tap's options and test files…]
//
// Builds, starts one database server and one Redis for all test files (or takes those of DATABASE_URL and
// REDIS_URL), and runs tap. With --server=mysql only the tests that meet a server run.
import { existsSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { run, runTap } from './lib/run.js'
import { readCounts, readFailures } from './lib/tap-counts.js'
import { serverTests } from './lib/test-files.js'
import { startServers } from './lib/test-servers.js'

const args = process.argv.slice(2)
const wanted = args.find((arg) => arg.startsWith('--server='))?.slice('--server='.length)
const tapArgs = args.filter((arg) => !arg.startsWith('--server='))
const results = '.tap/lifeguard-results.tap'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
process.exitCode = (await build()) || (await test())

async function build() {
  const failed = await run('node_modules/.bin/tsc', ['-b'])
  if (failed || existsSync('.tap/plugins')) return failed
  return await run('node_modules/.bin/tap', ['build'])
}

async function test() {
  // Tap may fail before it writes any.
  rmSync(results, { force: true })
  const servers = await startServers(wanted)
  try {
    const code = await runTap([...defaults(), ...tapArgs, ...files()], servers.env)
    if (code !== 0) console.log(`\n${readFailures(results).join('\n')}`)
    console.log(`\n${readCounts(results)} (${servers.title}, Node.js ${process.version})`)
    return code
  } finally {
    await servers.stop()
  }
}

function defaults() {
  const given = (name) => tapArgs.some((arg) => arg.startsWith(name))
  return [
    `--output-file=${results}`,
    ...(given('--jobs') ? [] : ['--jobs=2']),
    ...(given('--reporter') || given('-R') || process.stdout.isTTY ? [] : ['--reporter=terse']),
    // The kit's servers make the tests slow enough; coverage is for whoever asks for it.
    ...(given('--coverage') || given('--show-full-coverage') ? [] : ['--disable-coverage']),
  ]
}

function files() {
  const named = tapArgs.some((arg) => !arg.startsWith('-'))
  return named || wanted !== 'mysql' ? [] : serverTests()
}
