// node scripts/check-packed.js
//
// Packs the public packages and unpacks them, beside their peers, into a program of its own. There they are
// required and imported, and scripts/consumer/ is compiled against them.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { link, run, unpack } from './lib/packed.js'
import { report } from './lib/report.js'

const PACKAGES = [
  '@lifeguard/core',
  '@lifeguard/mysql2',
  '@lifeguard/fastify',
  '@lifeguard/express',
  '@lifeguard/bullmq',
  '@lifeguard/metrics',
]

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const program = mkdtempSync(join(tmpdir(), 'lifeguard-packed-'))
const problems = []
try {
  cpSync('scripts/consumer', program, { recursive: true })
  writeFileSync(join(program, 'package.json'), '{ "type": "module" }')
  const needed = new Set(['@types/node', '@types/express'])
  for (const name of PACKAGES) attempt(`pack ${name}`, () => unpack(name, program, needed))
  // What is ours is unpacked, not linked: there must be one core, the packed one.
  for (const name of needed) if (!PACKAGES.includes(name)) link(name, program)
  for (const name of [...PACKAGES, '@lifeguard/mysql2/promise', '@lifeguard/mysql2/sequelize']) {
    attempt(`require ${name}`, () => node('commonjs', `require('${name}')`))
    attempt(`import ${name}`, () => node('module', `await import('${name}')`))
  }
  compile(['--module', 'nodenext'], ['consumer.ts', 'consumer.cts'])
  compile(['--module', 'node20'], ['consumer.ts', 'consumer.cts'])
  compile(['--module', 'esnext', '--moduleResolution', 'bundler'], ['consumer.ts'])
} finally {
  rmSync(program, { recursive: true, force: true })
}
report('packed', problems)

function node(type, source) {
  run('node', ['--throw-deprecation', `--input-type=${type}`, '--eval', source], program)
}

function compile(options, files) {
  const fixed = ['--noEmit', '--strict', '--target', 'es2023', '--types', 'node']
  const tsc = resolve('node_modules/.bin/tsc')
  attempt(`tsc ${options.join(' ')}`, () => run(tsc, [...fixed, ...options, ...files], program))
}

function attempt(what, work) {
  try {
    work()
  } catch (error) {
    problems.push(`${what}: ${error.stdout || error.stderr || error.message}`)
  }
}
