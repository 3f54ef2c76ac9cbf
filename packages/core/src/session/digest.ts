import { Kind, type Reading, Tokenizer, UNUSUAL_READINGS, USUAL_READING } from './tokenizer.ts'

const LONGEST_DIGEST = 300
/** More letters of a statement are not looked at; who keeps one for later keeps one more, so that the cut is seen. */
export const LONGEST_TEXT = 4096
const CUT = '…'

/** No space before them. */
const CLINGS_TO_LAST: ReadonlySet<string> = new Set([',', ')', ';', '.', '('])
/** No space after them. */
const HOLDS_NEXT: ReadonlySet<string> = new Set(['(', '.', '@'])
/** Keywords keep their distance from a parenthesis; the name of a function does not. */
const KEYWORD =
  /^(?:and|as|by|distinct|exists|from|in|into|join|key|not|on|or|over|select|set|table|using|values?|when|where)$/i

/**
 * What a statement does, without what it does it with: every literal is `?`, lists of them are one, comments are
 * gone. Where it cannot be told for sure what is a literal, the digest ends with `…`, as it does where it is too long.
 * Names of tables and columns stay.
 */
export function digestOf(sql: string): string {
  const text = sql.slice(0, LONGEST_TEXT)
  const usual = read(text, USUAL_READING)
  const parts = usual.sawBackslash
    ? commonStart([usual, ...UNUSUAL_READINGS.map((reading) => read(text, reading))])
    : usual.parts
  const digest = join(withoutLists(parts))
  if (digest.length > LONGEST_DIGEST) return digest.slice(0, LONGEST_DIGEST - 1) + CUT
  return sql.length > LONGEST_TEXT && !digest.endsWith(CUT) ? digest + CUT : digest
}

interface Read {
  readonly parts: readonly string[]
  readonly sawBackslash: boolean
}

function read(sql: string, reading: Reading): Read {
  const tokens = new Tokenizer(sql, reading)
  const parts: string[] = []
  while (tokens.next() !== Kind.End) {
    const part = partOf(tokens)
    parts.push(part)
    if (part === CUT) break
  }
  return { parts, sawBackslash: tokens.sawBackslash }
}

function partOf(tokens: Tokenizer): string {
  switch (tokens.kind) {
    case Kind.Text:
    case Kind.DoubleQuoted:
    case Kind.Placeholder:
      return '?'
    case Kind.Word:
      // MySQL 9 has the code of other languages between these.
      if (/\$\w*\$/.test(tokens.text)) return CUT
      // Numbers begin with a digit; so may names, but seldom do.
      return /^\d/.test(tokens.text) ? '?' : tokens.text
    case Kind.Unclear:
      // Of one character it is a sign whose meaning does not matter here; else something that has no end.
      return /^[@:{}=]$/.test(tokens.text) ? tokens.text : CUT
    default:
      return tokens.text
  }
}

/** As far as all readings agree on what is a literal. */
function commonStart(reads: readonly Read[]): string[] {
  const [first] = reads
  const agreed: string[] = []
  for (const [i, part] of first!.parts.entries()) {
    if (!reads.every(({ parts }) => parts[i] === part)) return [...agreed, CUT]
    agreed.push(part)
  }
  const same = reads.every(({ parts }) => parts.length === agreed.length)
  return same ? agreed : [...agreed, CUT]
}

/** Behind them a sign belongs to the number. */
const BEFORE_NUMBER: ReadonlySet<string> = new Set(['(', ',', '='])

/** `?, ?, ?` is `?`, and of `(?), (?)`, the rows of an INSERT, one is left; `?.?` and `(-?` are numbers. */
function withoutLists(parts: readonly string[]): string[] {
  const kept: string[] = []
  for (const part of parts) {
    kept.push(part)
    while (shorten(kept));
  }
  return kept
}

function shorten(kept: string[]): boolean {
  if (endsWith(kept, '?', ',', '?') || endsWith(kept, '?', '.', '?')) return drop(kept, 2)
  if (endsWith(kept, '(', '?', ')', ',', '(', '?', ')')) return drop(kept, 4)
  if (endsWith(kept, '-', '?') && BEFORE_NUMBER.has(kept.at(-3) ?? '')) {
    kept.splice(-2, 1)
    return true
  }
  return false
}

function endsWith(kept: readonly string[], ...end: readonly string[]): boolean {
  return end.every((part, i) => kept[kept.length - end.length + i] === part)
}

function drop(kept: string[], count: number): true {
  kept.length -= count
  return true
}

function join(parts: readonly string[]): string {
  let text = ''
  let last = ''
  for (const part of parts) {
    text += (needsSpace(last, part) ? ' ' : '') + part
    last = part
  }
  return text
}

function needsSpace(last: string, part: string): boolean {
  if (last === '' || HOLDS_NEXT.has(last)) return false
  if (part === '(') return !/^[\w$`]/.test(last) || KEYWORD.test(last)
  return !CLINGS_TO_LAST.has(part)
}
