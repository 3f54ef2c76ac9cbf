// node scripts/test-on-node.js <major> [--server=mariadb|mysql] [test files…]
//
// Runs the adapters' tests on another Node.js than this one. Its binary comes from npm's registry, once.
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { run } from './lib/run.js'
import { adapterTests } from './lib/test-files.js'

const VERSIONS = { 22: '22.23.3', 24: '24.21.0' }

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const [major, ...args] = process.argv.slice(2)
const version = VERSIONS[major]
if (!version) throw new Error(`give one of ${Object.keys(VERSIONS).join(', ')}`)

const node = await install(`node-${process.platform}-${process.arch}`, version)
const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` }
const files = args.some((arg) => !arg.startsWith('-')) ? [] : adapterTests()
process.exitCode = await run(node, ['scripts/test.js', ...args, ...files], env)

async function install(name, version) {
  const folder = join('node_modules', '.cache', 'lifeguard-node', version)
  const binary = join(process.cwd(), folder, 'node_modules', name, 'bin', 'node')
  if (existsSync(binary)) return binary
  // A prefix of its own: the tree that is tested stays as it is.
  const options = ['--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--no-package-lock']
  const failed = await run('npm', ['install', ...options, `${name}@${version}`])
  if (failed) throw new Error(`${name}@${version} is not to be had`)
  return binary
}
