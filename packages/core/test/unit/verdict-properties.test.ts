import fc from 'fast-check'
import t from 'tap'

import { judge, type Verdict } from '#core/session/verdict.js'

const TOKENS = String.raw`
  SELECT INSERT INTO WITH AS FROM IN VALUES VALUE FOR BEGIN SET
  a t f count get_lock last_insert_id \`q\` "d" 's' 'it''s' '\''
  ( ) , . ; = ? ?? :n @ + - * 1 { \
`
  .replaceAll('\\`', '`')
  .trim()
  .split(/\s+/)

const token = fc.constantFrom(...TOKENS)
const gap = fc.constantFrom(
  ' ',
  '\n',
  '\t',
  ' /* c */ ',
  ' /* @a; f( */',
  ' # @\n',
  ' -- ;\n',
  ' --\n',
)
const start = fc.constantFrom('SELECT', 'INSERT INTO t', 'WITH', 'DO', 'UPDATE t SET a =', '(')

const property = (check: fc.IRawProperty<unknown, false>): void =>
  fc.assert(check, { numRuns: 2000 }) as undefined

void t.test('white space and comments between tokens do not matter', async () => {
  const piece = fc.tuple(token, gap)
  property(
    fc.property(start, fc.array(piece, { maxLength: 12 }), (first, pieces) => {
      const plain = [first, ...pieces.map(([text]) => text)].join(' ')
      const spaced = first + pieces.map(([text, space]) => space + text).join('')
      return judge(plain) === judge(spaced)
    }),
  )
})

const hostile = fc
  .array(
    fc.constantFrom("'", '"', '`', '\\', '/*', '*/', '-- ', '#', '\n', ';', '@a', 'f(', '?', 'x'),
  )
  .map((parts) => parts.join(''))

const doubled = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
const escaped = (text: string) => `'${text.replaceAll(/["'\\]/g, '\\$&').replaceAll('\n', '\\n')}'`
const inBackticks = (text: string) => `\`${text.replaceAll('`', '``')}\``

const TEMPLATES: readonly ((literal: string) => string)[] = [
  (literal) => `SELECT a FROM t WHERE b = ${literal}`,
  (literal) => `INSERT INTO t (a, b) VALUES (1, ${literal})`,
  (literal) => `UPDATE t SET a = CONCAT(${literal}, b) WHERE c LIKE ${literal}`,
]

void t.test('no literal hides the statement behind it', async () => {
  const quote = fc.constantFrom(doubled, escaped, inBackticks)
  property(
    fc.property(fc.constantFrom(...TEMPLATES), quote, hostile, (template, quoted, text) => {
      const sql = template(quoted(text))
      return (
        judge(`${sql}; SET @a=1`) === 'mayChange' &&
        judge(`${sql} AND get_lock(1, 1)`) === 'mayChange' &&
        judge(`${sql} -- \n; SET @a=1`) === 'mayChange'
      )
    }),
  )
})

void t.test('a literal without backslashes does no harm', async () => {
  property(
    fc.property(fc.constantFrom(...TEMPLATES), hostile, (template, text) => {
      return judge(template(doubled(text.replaceAll('\\', '')))) === 'harmless'
    }),
  )
})

void t.test('a verdict for any text', async () => {
  const verdicts: readonly Verdict[] = ['harmless', 'mayChange']
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(token).map((all) => all.join('')),
  )
  property(
    fc.property(start, anything, (first, text) => {
      return verdicts.includes(judge(text)) && verdicts.includes(judge(`${first} ${text}`))
    }),
  )
})

void t.test('linear time', async (t) => {
  const LENGTH = 1_000_000
  const repeated = [
    'a',
    'a ',
    '(',
    ')',
    "'",
    "''",
    '`',
    '"',
    '/*',
    '/* */',
    '--',
    '-- ',
    '#',
    '\\',
    '?',
  ]
  repeated.push('f(', '.', 'a.', ', a (b', "'\\", 'in (', '/*+ ', '-', '/', ':a ', 'with a (')
  for (const unit of repeated) {
    const sql = `SELECT ${unit.repeat(LENGTH / unit.length)}`
    const begin = performance.now()
    judge(sql)
    const took = performance.now() - begin
    // Quadratic time would be minutes.
    t.ok(took < 2000, `${JSON.stringify(unit)} took ${took} ms`)
  }
})
