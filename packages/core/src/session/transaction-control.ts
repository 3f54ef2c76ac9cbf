import { isName, Kind, type Tokenizer } from './tokenizer.ts'

export const TRANSACTION_VERBS: ReadonlySet<string> = new Set([
  'begin',
  'start',
  'commit',
  'rollback',
  'savepoint',
  'release',
])

const SNAPSHOT = 'with consistent snapshot'

const BEGINNINGS = [
  'begin',
  'begin work',
  'start transaction',
  `start transaction ${SNAPSHOT}`,
  ...['read only', 'read write'].flatMap((access) => [
    `start transaction ${access}`,
    `start transaction ${access} , ${SNAPSHOT}`,
    `start transaction ${SNAPSHOT} , ${access}`,
  ]),
]

/** Without `AND CHAIN`, which hands the isolation level on, and `RELEASE`, which disconnects. */
const ENDINGS = ['commit', 'commit work', 'rollback', 'rollback work'].flatMap((verb) => [
  verb,
  `${verb} and no chain`,
  `${verb} no release`,
  `${verb} and no chain no release`,
])

const PHRASES: ReadonlySet<string> = new Set([...BEGINNINGS, ...ENDINGS])

/** Only the name of a savepoint follows these. */
const SAVEPOINT_PHRASES: ReadonlySet<string> = new Set([
  'savepoint',
  'release savepoint',
  'rollback to',
  'rollback to savepoint',
  'rollback work to',
  'rollback work to savepoint',
])

const LONGEST_PHRASE = 8

/** Whether the statement is transaction control whose effect the status flags show exactly. */
export function isTransactionControl(tokens: Tokenizer): boolean {
  const phrase: string[] = []
  while ((isName(tokens.kind) || tokens.is(',')) && phrase.length < LONGEST_PHRASE) {
    phrase.push(tokens.kind === Kind.Word ? tokens.word : tokens.text)
    tokens.next()
  }
  if (!tokens.atEndOfStatement()) return false
  if (PHRASES.has(phrase.join(' '))) return true
  const name = phrase.pop()
  return name !== ',' && SAVEPOINT_PHRASES.has(phrase.join(' '))
}
