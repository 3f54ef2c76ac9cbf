/** The kinds of token that the verdict tells apart. */
export const Kind = {
  End: 0,
  /** A bare run of identifier characters: a keyword, a name or a number. */
  Word: 1,
  /** A name in backticks. */
  Quoted: 2,
  /** Text in double quotes: a string, or a name under `ANSI_QUOTES`. */
  DoubleQuoted: 3,
  /** Text in single quotes. */
  Text: 4,
  /** `?` or `:name`, for a value. */
  Placeholder: 5,
  /** `??`, for a name. */
  NamePlaceholder: 6,
  /** One character that has a meaning by itself. */
  Symbol: 7,
  /** What must not be passed over: `@`, `:=`, braces, executable comments, what has no end, … */
  Unclear: 8,
} as const

export type Kind = (typeof Kind)[keyof typeof Kind]

export function isName(kind: Kind): boolean {
  return (
    kind === Kind.Word ||
    kind === Kind.Quoted ||
    kind === Kind.DoubleQuoted ||
    kind === Kind.NamePlaceholder
  )
}

/** In which quotes a backslash escapes; `sql_mode` decides it, and the text does not tell. */
export interface Reading {
  readonly single: boolean
  readonly double: boolean
}

/** Strings escape with backslashes unless `NO_BACKSLASH_ESCAPES`, and `"` may quote names. */
export const USUAL_READING: Reading = { single: true, double: true }
export const UNUSUAL_READINGS: readonly Reading[] = [
  { single: false, double: false },
  { single: true, double: false },
]

const TAB = 9
const CARRIAGE_RETURN = 13
const SPACE = 32
const DOUBLE_QUOTE = 34
const HASH = 35
const SINGLE_QUOTE = 39
const ASTERISK = 42
const PLUS = 43
const MINUS = 45
const SLASH = 47
const COLON = 58
const QUESTION_MARK = 63
const BACKSLASH = 92
const BACKTICK = 96

/** Where two charsets may disagree whether it is white space: DEL, the C1 controls and NBSP. */
const isDoubtfulSpace = (code: number): boolean => code >= 0x7f && code <= 0xa0

const isSpace = (code: number): boolean =>
  code === SPACE || (code >= TAB && code <= CARRIAGE_RETURN)

/** What the ASCII characters are; 0 is for all that is not understood. */
const WORD = 1
const SYMBOL = 2
const CLASSES = classes({
  [WORD]: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$',
  [SYMBOL]: '!%&()*+,-./;<=>^|~',
})

function classes(groups: Readonly<Record<number, string>>): Uint8Array {
  const table = new Uint8Array(128)
  for (const [group, characters] of Object.entries(groups)) {
    for (const character of characters) table[character.charCodeAt(0)] = Number(group)
  }
  return table
}

/** The Kelvin sign: JavaScript's lower case of it is an ASCII `k`, the server's keywords know no such thing. */
const KELVIN = 0x212a

function isWordCode(code: number): boolean {
  return code < 128 ? CLASSES[code] === WORD : !isDoubtfulSpace(code) && code !== KELVIN
}

// `/*! … */` and `/*M! … */` (MariaDB) are code, not comments.
const EXECUTABLE = ['!', 'M!', 'm!']

/**
 * Optimizer hints have a lexer of their own, which may not agree with ours where the hint ends once
 * it holds quotes; and mysql2 puts values into hints.
 */
const isPlainHint = (hint: string): boolean => !/["'`?:]/.test(hint)

/**
 * Reads a statement token by token, in one pass, skipping white space and comments as the server
 * does. The fields describe the token that `next` has read last.
 */
export class Tokenizer {
  readonly sql: string
  readonly #reading: Reading
  #at = 0

  kind: Kind = Kind.End
  start = 0
  end = 0
  /** A string held a backslash, so another `Reading` may see other tokens. */
  sawBackslash = false

  constructor(sql: string, reading: Reading) {
    this.sql = sql
    this.#reading = reading
  }

  /** The token as written. */
  get text(): string {
    return this.sql.slice(this.start, this.end)
  }

  /** The word in lower case; empty when the token is not a bare word. */
  get word(): string {
    return this.kind === Kind.Word ? this.text.toLowerCase() : ''
  }

  is(symbol: string): boolean {
    return this.kind === Kind.Symbol && this.sql[this.start] === symbol
  }

  /** Only white space and comments are left, at most after a semicolon. */
  atEndOfStatement(): boolean {
    if (this.is(';')) this.next()
    return this.kind === Kind.End
  }

  next(): Kind {
    if (!this.#skip()) return this.#take(Kind.Unclear, this.sql.length)
    this.start = this.#at
    if (this.#at >= this.sql.length) return this.#take(Kind.End, this.#at)
    const code = this.sql.charCodeAt(this.#at)
    if (isWordCode(code)) return this.#take(Kind.Word, this.#wordEnd(this.#at + 1))
    if (CLASSES[code] === SYMBOL) return this.#take(Kind.Symbol, this.#at + 1)
    switch (code) {
      case SINGLE_QUOTE:
        return this.#quoted(Kind.Text, code, this.#reading.single)
      case DOUBLE_QUOTE:
        return this.#quoted(Kind.DoubleQuoted, code, this.#reading.double)
      case BACKTICK:
        return this.#quoted(Kind.Quoted, code, false)
      case QUESTION_MARK:
        return this.#placeholder()
      case COLON:
        return this.#namedPlaceholder()
      default:
        return this.#take(Kind.Unclear, this.#at + 1)
    }
  }

  #take(kind: Kind, end: number): Kind {
    this.kind = kind
    this.end = end
    this.#at = end
    return kind
  }

  #wordEnd(from: number): number {
    let at = from
    while (at < this.sql.length && isWordCode(this.sql.charCodeAt(at))) at++
    return at
  }

  #quoted(kind: Kind, quote: number, escapes: boolean): Kind {
    const { sql } = this
    for (let at = this.#at + 1; at < sql.length; at++) {
      const code = sql.charCodeAt(at)
      if (code === BACKSLASH && quote !== BACKTICK) {
        this.sawBackslash = true
        if (escapes) at++
      } else if (code === quote) {
        if (sql.charCodeAt(at + 1) !== quote) return this.#take(kind, at + 1)
        at++ // a doubled quote stands for itself
      }
    }
    return this.#take(Kind.Unclear, sql.length)
  }

  #placeholder(): Kind {
    if (this.sql.charCodeAt(this.#at + 1) !== QUESTION_MARK) {
      return this.#take(Kind.Placeholder, this.#at + 1)
    }
    return this.#take(Kind.NamePlaceholder, this.#at + 2)
  }

  #namedPlaceholder(): Kind {
    const end = this.#wordEnd(this.#at + 1)
    return this.#take(end > this.#at + 1 ? Kind.Placeholder : Kind.Unclear, end)
  }

  /** Goes past white space and comments; false when a comment cannot be passed over. */
  #skip(): boolean {
    const { sql } = this
    while (this.#at < sql.length) {
      const code = sql.charCodeAt(this.#at)
      if (isSpace(code)) this.#at++
      else if (code === HASH || (code === MINUS && this.#startsDashComment())) this.#skipLine()
      else if (code !== SLASH || sql.charCodeAt(this.#at + 1) !== ASTERISK) return true
      else if (!this.#skipBlock()) return false
    }
    return true
  }

  /** Two dashes are a comment before white space or the end only: `5--1` is 6. */
  #startsDashComment(): boolean {
    if (this.sql.charCodeAt(this.#at + 1) !== MINUS) return false
    const after = this.sql.charCodeAt(this.#at + 2)
    return Number.isNaN(after) || after <= SPACE
  }

  #skipLine(): void {
    const lineFeed = this.sql.indexOf('\n', this.#at)
    this.#at = lineFeed < 0 ? this.sql.length : lineFeed + 1
  }

  #skipBlock(): boolean {
    const body = this.#at + 2
    const end = this.sql.indexOf('*/', body)
    if (end < 0) return false
    if (EXECUTABLE.some((mark) => this.sql.startsWith(mark, body))) return false
    if (this.sql.charCodeAt(body) === PLUS && !isPlainHint(this.sql.slice(body, end))) return false
    this.#at = end + 2
    return true
  }
}
