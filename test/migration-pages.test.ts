import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { adminQuery, createDatabase, sharedDatabase } from '@lifeguard/test-kit'
import t from 'tap'

const PAGES = fileURLToPath(new URL('../../../docs/migration/', import.meta.url))
// Below `test/`, where its programs find what this workspace depends on.
const PROGRAMS = fileURLToPath(new URL(`../pages-${process.pid}/`, import.meta.url))

const run = promisify(execFile)

interface Program {
  readonly source: string
  /** What it prints; absent where the page does not say. */
  readonly output: string | undefined
}

function programsOf(page: string): Program[] {
  const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, kind, text]) => ({
    kind,
    text: text!,
  }))
  return blocks.flatMap(({ kind, text }, i) => {
    if (kind !== 'js') return []
    const next = blocks[i + 1]
    return [{ source: text, output: next?.kind === 'text' ? next.text : undefined }]
  })
}

await mkdir(PROGRAMS, { recursive: true })
t.teardown(() => rm(PROGRAMS, { recursive: true }))

const names = (await readdir(PAGES)).filter((name) => name !== 'README.md')
t.ok(names.length >= 9)

for (const name of names) {
  void t.test(`every program of ${name}`, async (t) => {
    const page = await readFile(join(PAGES, name), 'utf8')
    const programs = programsOf(page)
    t.ok(programs.length > 0)
    t.equal(page.match(/^```/gm)!.length % 2, 0)
    for (const [i, { source, output }] of programs.entries()) {
      const server = await sharedDatabase()
      const database = await createDatabase(server)
      await adminQuery(
        server,
        `CREATE TABLE ${database.name}.orders (id INT PRIMARY KEY, name VARCHAR(20), total INT)`,
      )
      await adminQuery(server, `INSERT INTO ${database.name}.orders VALUES (7, 'ada', 30)`)
      const file = join(PROGRAMS, `${name}-${i}.${source.includes('require(') ? 'cjs' : 'mjs'}`)
      await writeFile(file, source)
      const env = { ...process.env, DATABASE_URL: database.uri, NODE_OPTIONS: '' }
      const { stdout } = await run(process.execPath, [file], { env, timeout: 30_000 })
      if (output === undefined) t.ok(stdout, `program ${i + 1}`)
      else t.equal(stdout, output, `program ${i + 1}`)
      await database.drop()
    }
  })
}
