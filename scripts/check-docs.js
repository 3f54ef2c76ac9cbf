// node scripts/check-docs.js
//
// The tables of docs/reference/ hold every error code, every event, every pool option with its default and every
// variable of the source, and no other. The README names none that does not exist.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { report } from './lib/report.js'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const errorsPage = readFileSync('docs/reference/errors.md', 'utf8')
const optionsPage = readFileSync('docs/reference/options.md', 'utf8')
const eventsPage = readFileSync('docs/reference/events.md', 'utf8')
const readme = readFileSync('README.md', 'utf8')

const codes = sourceOf('errors.ts', /type ErrorCode =[^]*?\n\n/).match(/ERR_\w+/g)
const events = [
  ...sourceOf('observe/events.ts', /interface PoolEvents [^]*?\n}/).matchAll(
    /^ {2}(?:readonly )?(\w+): /gm,
  ),
].map(([, name]) => name)
const options = optionsOf(sourceOf('options/options.ts', /interface PoolOptions [^]*?\n}/))
const variables = sourceOf('options/env.ts', /[^]*/).match(/(?<=')(DB|DATABASE)_\w*[A-Z](?=[':])/g)

report('docs', [
  ...differences('docs/reference/errors.md', codes, rowsOf(errorsPage, /^ERR_/)),
  ...differences('docs/reference/events.md', events, rowsOf(eventsPage, /./)),
  ...differences('docs/reference/options.md', variables, rowsOf(optionsPage, /^D/)),
  ...differences('docs/reference/options.md', options, defaultsOf(optionsPage)),
  ...inventions('README.md', codes, readme.match(/\bERR_\w+/g)),
  ...inventions('README.md', variables, readme.match(/\b(DB|DATABASE)_\w+/g)),
])

function sourceOf(file, pattern) {
  return readFileSync(`packages/core/src/${file}`, 'utf8').match(pattern)[0]
}

/** `min, default 5`, from the comment above each option. */
function optionsOf(source) {
  const documented = [...source.matchAll(/\/\*\*(.*?)\*\/\s+(\w+)\?:/gs)]
  return documented.map(([, doc, name]) => {
    return `${name}, default ${/Default: ([^.]+)\./.exec(doc)?.[1] ?? 'none'}`
  })
}

function rowsOf(page, pattern) {
  const names = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)
  return names.filter((name) => pattern.test(name))
}

function defaultsOf(page) {
  const rows = [...page.matchAll(/^\| `([a-z]\w+)` *\| (.*?) *\|/gm)]
  return rows.map(([, name, value]) => `${name}, default ${value}`)
}

function differences(path, wanted, found) {
  const missing = inventions(path, found, wanted).map((line) => `${line}: not in its table`)
  return [...missing, ...inventions(path, wanted, found).map((line) => `${line}: does not exist`)]
}

function inventions(path, known, found) {
  return [...new Set(found)]
    .filter((name) => !known.includes(name))
    .map((name) => `${path}: ${name}`)
}
