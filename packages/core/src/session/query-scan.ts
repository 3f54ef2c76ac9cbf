import { HARMLESS_FUNCTIONS } from './harmless-functions.ts'
import { isName, Kind, type Tokenizer } from './tokenizer.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

/** Queries and DML: harmless as long as nothing in them is. `(` begins a query in parentheses. */
export const QUERY_VERBS: ReadonlySet<string> = words(
  '( select insert replace update delete with values table explain describe desc show do',
)

/**
 * Keywords that a parenthesis may follow. All are keywords in every supported server, so that a
 * stored function of that name cannot be called without quotes. Therefore not `OVER`, `LATERAL`,
 * `EXCEPT` and `RETURNING`, which are young, nor `AGAINST`, `COLUMNS` and `ESCAPE`, since MariaDB
 * calls functions of these names: their place in the statement shows what they are.
 */
const PARENTHESIS_KEYWORDS = words(
  `in values value and or not on using as exists from join where having by group limit select union
  all any some distinct distinctrow when then else case partition index key interval row set xor div
  mod like rlike regexp between is do straight_join sql_calc_found_rows leading trailing both binary
  bigint bit blob char character datetime dec decimal double enum fixed float int integer mediumint
  nchar numeric real smallint text time timestamp tinyint varbinary varchar year`,
)

/** More keywords that a value may follow. */
const VALUE_KEYWORDS = words('offset separator')

/** What may stand between `INSERT` or `REPLACE` and the table. */
const INSERT_MODIFIERS = words('low_priority delayed high_priority ignore')

/**
 * After these a name is no function but a table, an alias or a type: `INTO t (a)`, `AS t (a)`,
 * `CAST(a AS x(10))`. Nor can a call follow a complete expression: `(SELECT …) t (a)`,
 * `MATCH (a) AGAINST (…)`, `'$' COLUMNS (…)`, `LIKE ? ESCAPE (…)`.
 */
const NAMING_LEADS = words(`into as ) ? '`)

/** After these a name may be a common table expression: `WITH a (x) AS (…), b (y) AS (…)`. */
const CTE_LEADS = words('with recursive ,')

/** No function takes a query as its argument without further parentheses. */
const SUBQUERY_VERBS = words('select with')

/** What `last` says of names that are no keywords, as they are quoted or qualified. */
const PLAIN_NAME = '`'

/** Whether nothing in the query or DML statement whose first token is current can change the session. */
export function isHarmlessQuery(tokens: Tokenizer, safeFunctions: ReadonlySet<string>): boolean {
  return new QueryScan(tokens, safeFunctions).run()
}

/** Goes through the tokens once; the fields are what it must remember of those before. */
class QueryScan {
  readonly #tokens: Tokenizer
  readonly #safeFunctions: ReadonlySet<string>

  /** The token before: a keyword in lower case, `PLAIN_NAME`, or a symbol. */
  #last = ''
  #lastKind: Kind = Kind.End
  /** If it was a name: where it is in the text, where its qualifier is, and what stood before both. */
  #start = 0
  #end = 0
  #qualifierStart = -1
  #qualifierEnd = -1
  #lead = ''
  /** So far there were only `INSERT` or `REPLACE` and their modifiers. */
  #inInsertHead = false

  constructor(tokens: Tokenizer, safeFunctions: ReadonlySet<string>) {
    this.#tokens = tokens
    this.#safeFunctions = safeFunctions
  }

  run(): boolean {
    const tokens = this.#tokens
    while (tokens.kind !== Kind.End) {
      if (tokens.is(';')) return tokens.atEndOfStatement()
      if (!this.#accept()) return false
      tokens.next()
    }
    return true
  }

  #accept(): boolean {
    const tokens = this.#tokens
    switch (tokens.kind) {
      case Kind.Unclear:
        return false
      case Kind.Word:
        return this.#acceptWord()
      case Kind.Placeholder:
        return this.#acceptPlaceholder()
      case Kind.Symbol:
        return tokens.is('(') ? this.#acceptParenthesis() : this.#remember(tokens.text)
      case Kind.Text:
        return this.#remember("'")
      default:
        return this.#remember(PLAIN_NAME)
    }
  }

  #acceptWord(): boolean {
    const { word } = this.#tokens
    if (word === 'nextval') return false // Oracle mode: seq.nextval
    if (this.#last === '.') return this.#remember(PLAIN_NAME)
    const inHead = this.#inInsertHead
    if (word === 'into' && !inHead) return false
    if (word === 'for' && this.#last === 'value') return false // NEXT VALUE FOR seq
    this.#remember(word)
    this.#inInsertHead =
      word === 'insert' || word === 'replace' || (inHead && INSERT_MODIFIERS.has(word))
    return true
  }

  /** A nested list bound to it becomes `(…)`, so what is before must bear a parenthesis. */
  #acceptPlaceholder(): boolean {
    const bears = !isName(this.#lastKind) || isCallable(this.#last) || this.#isNaming()
    return (bears || VALUE_KEYWORDS.has(this.#last)) && this.#remember('?')
  }

  #acceptParenthesis(): boolean {
    if (this.#lastKind === Kind.Placeholder) return false
    if (!isName(this.#lastKind) || isCallable(this.#last)) return this.#remember('(')
    if (this.#isNaming() || this.#isDeclaredSafe()) return this.#remember('(')
    this.#tokens.next()
    if (this.#last === 'last_insert_id') return this.#tokens.is(')') && this.#remember(')')
    if (SUBQUERY_VERBS.has(this.#tokens.word)) return this.#acceptSubquery()
    return this.#acceptColumnList()
  }

  /** `MEMBER OF (…)` is MySQL's; `OF` is a keyword there. */
  #isNaming(): boolean {
    if (this.#lastKind === Kind.DoubleQuoted) return false
    return NAMING_LEADS.has(this.#lead) || (this.#lead === 'member' && this.#last === 'of')
  }

  #isDeclaredSafe(): boolean {
    const safe = this.#safeFunctions
    if (safe.size === 0 || this.#lastKind > Kind.Quoted) return false
    const name = this.#nameAt(this.#start, this.#end)
    if (safe.has(name)) return true
    const isQualified = this.#qualifierStart >= 0
    return (
      isQualified && safe.has(`${this.#nameAt(this.#qualifierStart, this.#qualifierEnd)}.${name}`)
    )
  }

  #nameAt(start: number, end: number): string {
    const text = this.#tokens.sql.slice(start, end).toLowerCase()
    return text.startsWith('`') ? text.slice(1, -1).replaceAll('``', '`') : text
  }

  #acceptSubquery(): boolean {
    this.#last = '('
    this.#lastKind = Kind.Symbol
    return this.#acceptWord()
  }

  /** The rest of `name (a, b) AS (`, which only a common table expression can be. */
  #acceptColumnList(): boolean {
    const tokens = this.#tokens
    if (!CTE_LEADS.has(this.#lead)) return false
    while (isName(tokens.kind)) {
      tokens.next()
      if (tokens.is(',')) tokens.next()
      else break
    }
    if (!tokens.is(')')) return false
    tokens.next()
    if (tokens.word !== 'as') return false
    tokens.next()
    return tokens.is('(') && this.#remember('(')
  }

  #remember(last: string): true {
    const tokens = this.#tokens
    if (last === '.') this.#startQualified()
    else if (this.#last !== '.') this.#startName()
    this.#last = last
    this.#lastKind = tokens.kind
    this.#start = tokens.start
    this.#end = tokens.end
    this.#inInsertHead = false
    return true
  }

  #startQualified(): void {
    this.#qualifierStart = this.#start
    this.#qualifierEnd = this.#end
  }

  #startName(): void {
    this.#lead = this.#inInsertHead ? 'into' : this.#last
    this.#qualifierStart = -1
  }
}

function isCallable(word: string): boolean {
  return HARMLESS_FUNCTIONS.has(word) || PARENTHESIS_KEYWORDS.has(word)
}
